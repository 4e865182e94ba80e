#include "parsed.h"
#include "unit/words-split.h"

static void
gives_short_names(void **state)
{
	static const struct {
		const char *command, *name;
	} rows[] = {
		{ "node server.js", "server" },
		{ "/usr/bin/node --inspect=9229 /srv/shop/index.js --port 80", "shop" },
		{ "node index.js", "index" },
		{ "nodejs -r dotenv/config api.mjs", "api" },
		{ "python3 -m http.server 8000", "http-server" },
		{ "python3.11 -u /opt/bot/main.py", "bot" },
		{ "python3 app.py", "app" },
		{ "python manage.py runserver", "manage" },
		{ "python3 -c 'import time'", "python3" },
		{ "./server", "server" },
		{ "./run.sh", "run" },
		{ "/srv/app/start.sh", "app" },
		{ "sleep 1000", "sleep" },
		{ "sh -c 'sleep 5; echo x'", "sleep" },
		{ "bash -lc 'cd /srv && FOO=1 exec node worker.js'", "worker" },
		{ "sh -c 'while true; do date; done'", "while" },
		{ "sh script.sh", "script" },
		{ "bash", "bash" },
		{ "env A=1 B=2 nice -n 5 nohup ./worker --fast", "worker" },
		{ "sudo -u www php artisan queue:work", "artisan" },
		{ "timeout -k 5 60 curl http://x", "curl" },
		{ "java -Xmx1g -jar /opt/my-app-1.2.jar", "my-app-1-2" },
		{ "java -cp a:b com.example.Main", "com-example-Main" },
		{ "npm run dev", "dev" },
		{ "npm start", "npm" },
		{ "npx http-server -p 80", "http-server" },
		{ "cargo run --release", "cargo" },
		{ "uv run app.py", "app" },
		{ "perl -w /usr/local/bin/watch.pl", "watch" },
		{ "/usr/sbin/nginx -g 'daemon off;'", "nginx" },
		{ "redis-server /etc/redis.conf", "redis-server" },
		{ "A=1 ./x", "x" },
		{ "'/opt/My App/run me'", "run-me" },
		{ "c++", "c" },
		{ "-", "unit" },
		{ "''", "unit" },
		{ "env", "env" },
		{ "/opt/\xec\x84\x9c\xeb\xb2\x84/\xec\x84\x9c\xeb\xb2\x84.sh",
		  "\xec\x84\x9c\xeb\xb2\x84" },
		{ "sh -c ''", "sh" },
		{ "sh -c 'a b", "a" },
		{ "x.service", "x-service" },
		{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
		  "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd" },
		{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddd-eeeeeeeeee",
		  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char **argv = NULL;
		const char *at = rows[i].command;
		char *word, *name;
		char checked[LIMIT_NAME + 1];

		while (words_next(&at, WORDS_RELAX, &word, NULL) > 0) {
			strv_take_add(&argv, word);
		}
		name = name_from_command(argv);
		if (!str_equal(name, rows[i].name)) {
			fail_msg("%s: %s, not %s", rows[i].command, name, rows[i].name);
		}
		assert_true(name_check(name, checked, NULL));
		free(name);
		(void)strv_free(argv);
	}
}

static void
nothing_has_a_name_too(void **state)
{
	char *nothing[] = { NULL };
	char autofree *name = name_from_command(nothing);
	char autofree *none = name_from_command(NULL);

	(void)state;
	assert_string_equal(name, "unit");
	assert_string_equal(none, "unit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_short_names),
		cmocka_unit_test(nothing_has_a_name_too),
	};

	return cmocka_run_group_tests_name("name-from-command", tests, NULL, NULL);
}
