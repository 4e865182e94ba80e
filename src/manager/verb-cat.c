/* verb-cat: the files of a unit as they are on disk now. */
#include "manager/requests.h"
#include "base/file.h"
#include <fcntl.h>

static void
cat_add(json_t *files, const char *path)
{
	char *text = NULL;
	size_t length = 0;
	int r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &text, &length);

	(void)json_array_append_new(
		files, json_pack("{s:o, s:o}", "path", shown_text(path), "text",
				 shown_text(r < 0 ? "# it cannot be read any more" : text)));
	free(text);
}

void
verb_cat(struct manager *manager, struct call *call)
{
	struct member *member = requests_member(manager, call);
	json_t *files;

	if (!member) {
		return;
	}
	files = json_array();
	if (member->unit->file) {
		cat_add(files, member->unit->file);
	}
	for (size_t i = 0; member->unit->drop_ins && member->unit->drop_ins[i]; i++) {
		cat_add(files, member->unit->drop_ins[i]);
	}
	call_reply(call, json_pack("{s:o, s:o}", "name", shown_text(member->name), "files", files));
}
