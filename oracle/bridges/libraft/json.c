/* A small JSON reader, and text that grows; see json.h. */
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that was read hangs here until json_forget. */
struct piece {
	struct piece *next;
	max_align_t content[];
};
static struct piece *pieces;

static void *keep(size_t size)
{
	struct piece *piece = calloc(1, sizeof *piece + size);
	if (!piece)
		abort();
	piece->next = pieces;
	pieces = piece;
	return piece->content;
}

void json_forget(void)
{
	while (pieces) {
		struct piece *next = pieces->next;
		free(pieces);
		pieces = next;
	}
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static char *put_code(char *to, unsigned long code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xC0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		*to++ = (char)(0xE0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3F));
		*to++ = (char)(0x80 | (code & 0x3F));
	} else {
		*to++ = (char)(0xF0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3F));
		*to++ = (char)(0x80 | (code >> 6 & 0x3F));
		*to++ = (char)(0x80 | (code & 0x3F));
	}
	return to;
}

/* Four hexadecimal digits. */
static unsigned long read_code(const char **at)
{
	char digits[5] = {0};
	strncpy(digits, *at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		fail("JSON: found \\u%s, expected four digits", digits);
	*at += 4;
	return strtoul(digits, NULL, 16);
}

static char *read_escape(const char **at, char *to)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char letter = *(*at)++;
	const char *found = letter ? strchr(letters, letter) : NULL;
	if (found) {
		*to++ = meanings[found - letters];
		return to;
	}
	if (letter != 'u')
		fail("JSON: found an unknown escape");
	unsigned long code = read_code(at);
	if (code >= 0xD800 && code < 0xDC00 && strncmp(*at, "\\u", 2) == 0) {
		*at += 2;
		code = 0x10000 + ((code - 0xD800) << 10) + (read_code(at) - 0xDC00);
	}
	return put_code(to, code);
}

static const char *read_string(const char **at)
{
	const char *end = ++*at;
	while (*end && *end != '"')
		end += *end == '\\' && end[1] ? 2 : 1;
	if (!*end)
		fail("JSON: found a string without end");
	char *start = keep((size_t)(end - *at) + 1), *to = start;
	while (**at != '"') {
		if (**at == '\\') {
			++*at;
			to = read_escape(at, to);
		} else {
			*to++ = *(*at)++;
		}
	}
	++*at;
	return start;
}

static const struct json *read_value(const char **at);

static const struct json *read_members(const char **at, char end)
{
	const struct json *first = NULL, **last = &first;
	*at = skip_space(*at + 1);
	while (**at != end) {
		const char *name = NULL;
		if (end == '}') {
			if (**at != '"')
				fail("JSON: found no name in an object");
			name = read_string(at);
			*at = skip_space(*at);
			if (*(*at)++ != ':')
				fail("JSON: found no colon after %s", name);
		}
		struct json *member = (struct json *)read_value(at);
		member->name = name;
		*last = member;
		last = &member->next;
		*at = skip_space(*at);
		if (**at == ',')
			*at = skip_space(*at + 1);
		else if (**at != end)
			fail("JSON: found neither comma nor end");
	}
	++*at;
	return first;
}

static bool skip_word(const char **at, const char *word)
{
	size_t length = strlen(word);
	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

static const struct json *read_value(const char **at)
{
	struct json *value = keep(sizeof *value);
	*at = skip_space(*at);
	if (**at == '"') {
		value->kind = JSON_STRING;
		value->text = read_string(at);
	} else if (**at == '{') {
		value->kind = JSON_OBJECT;
		value->first = read_members(at, '}');
	} else if (**at == '[') {
		value->kind = JSON_LIST;
		value->first = read_members(at, ']');
	} else if (skip_word(at, "true")) {
		value->kind = JSON_TRUE;
	} else if (skip_word(at, "false")) {
		value->kind = JSON_FALSE;
	} else if (!skip_word(at, "null")) {
		char *end;
		value->kind = JSON_NUMBER;
		value->number = strtol(*at, &end, 10);
		if (end == *at)
			fail("JSON: found no value");
		*at = end;
	}
	return value;
}

const struct json *json_read(const char *text)
{
	return read_value(&text);
}

const struct json *json_get(const struct json *object, const char *name)
{
	const struct json *member = object->first;
	while (member && (!member->name || strcmp(member->name, name) != 0))
		member = member->next;
	return member;
}

const char *json_text(const struct json *object, const char *name)
{
	const struct json *member = json_get(object, name);
	if (!member || member->kind != JSON_STRING)
		fail("%s: expected a text", name);
	return member->text;
}

long json_number(const struct json *object, const char *name)
{
	const struct json *member = json_get(object, name);
	if (!member || member->kind != JSON_NUMBER)
		fail("%s: expected a number", name);
	return member->number;
}

void text_clear(struct text *text)
{
	text->length = 0;
	text_add(text, "%s", "");
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int needed = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (text->length + (size_t)needed + 1 > text->room) {
		text->room = 2 * (text->length + (size_t)needed + 1);
		text->start = realloc(text->start, text->room);
		if (!text->start)
			abort();
	}
	va_start(arguments, format);
	vsnprintf(text->start + text->length, (size_t)needed + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)needed;
}

void text_add_string(struct text *text, const char *string)
{
	text_add(text, "\"");
	for (; *string; string++) {
		unsigned char letter = (unsigned char)*string;
		if (letter == '"' || letter == '\\')
			text_add(text, "\\%c", letter);
		else if (letter < 0x20)
			text_add(text, "\\u%04x", letter);
		else
			text_add(text, "%c", letter);
	}
	text_add(text, "\"");
}
