/* list: intrusive doubly linked lists. A link is initialised before use, can be removed at any time
 * and also twice. LIST_EACH survives the removal of the current element, not of the next one. */
#pragma once
#include "base/attr.h"

struct list {
	struct list *previous, *next;
};

static inline void
list_init(struct list *list)
{
	list->previous = list->next = list;
}

static inline bool
list_is_empty(const struct list *list)
{
	return list->next == list;
}

static inline void
list_add(struct list *head, struct list *link) /* at the end */
{
	link->previous = head->previous;
	link->next = head;
	head->previous->next = link;
	head->previous = link;
}

static inline void
list_add_first(struct list *head, struct list *link)
{
	list_add(head->next, link);
}

static inline void
list_remove(struct list *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	list_init(link);
}

static inline size_t
list_count(const struct list *head)
{
	size_t count = 0;

	for (const struct list *at = head->next; at != head; at = at->next) {
		count++;
	}
	return count;
}

#define LIST_EACH(variable, head, type, member)                                                    \
	for (type *variable = CONTAINER((head)->next, type, member),                               \
		  *variable##_next = CONTAINER(variable->member.next, type, member);               \
	     &variable->member != (head); variable = variable##_next,                              \
		  variable##_next = CONTAINER(variable->member.next, type, member))
/* NULL when there is none; the analyser cannot remember that a list is not empty, and takes it so
 */
#ifdef __clang_analyzer__
#define LIST_FIRST(head, type, member) CONTAINER((head)->next, type, member)
#else
#define LIST_FIRST(head, type, member)                                                             \
	(list_is_empty(head) ? NULL : CONTAINER((head)->next, type, member))
#endif
