/* A small JSON reader, and text that grows; enough for the adapter protocol. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind {
	JSON_NULL,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT
};

/* A value; the members of a list or an object hang together by `next`, in their order. */
struct json {
	enum json_kind kind;
	long number;
	const char *text; /* of a string */
	const char *name; /* of a member of an object */
	const struct json *first, *next;
};

/* Read a text; what is returned is valid until json_forget. */
const struct json *json_read(const char *text);
void json_forget(void);

/* A member of an object, or NULL. */
const struct json *json_get(const struct json *object, const char *name);
/* The text or the number of a member, or an error. */
const char *json_text(const struct json *object, const char *name);
long json_number(const struct json *object, const char *name);

/* Text that grows; begin with {0}. */
struct text {
	char *start;
	size_t length, room;
};

void text_clear(struct text *text);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Add a string as JSON, with its quotes. */
void text_add_string(struct text *text, const char *string);

/* Give up on the present command: the reply is an error with this text. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
