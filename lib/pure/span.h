/* SPDX-License-Identifier: ISC
 *
 * span: a borrowed view of bytes. Length travels with the pointer; nothing
 * that comes from outside is NUL-terminated. */
#ifndef PURE_SPAN_H
#define PURE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

/* The span of a string literal; the second form is for static tables. */
#define SPAN(literal) ((struct span)SPAN_INIT(literal))
#define SPAN_INIT(literal)                                                     \
	{                                                                      \
		"" literal, sizeof(literal) - 1                                \
	}

/* Members of an array. */
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The span of a C string of our own. */
static inline struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The bytes of s from offset `from`, or an empty span past its end. */
static inline struct span
span_from(struct span s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct span){ s.p + from, s.n - from };
}

/* The first n bytes of s, or all of it when it is shorter. */
static inline struct span
span_head(struct span s, size_t n)
{
	return (struct span){ s.p, n < s.n ? n : s.n };
}

/* Equal when ASCII case is ignored (RFC 5321 2.4 for verbs and domains). */
bool span_eq_nocase(struct span a, struct span b);

/* True when s begins with, or ends in, `part`, ASCII case ignored. */
bool span_begins_nocase(struct span s, struct span part);
bool span_ends_nocase(struct span s, struct span part);

/* Where `c` first stands in s, or s.n when it does not. */
size_t span_find(struct span s, char c);

/* s without spaces and tabs at both ends. */
struct span span_trim(struct span s);

/* Reads a decimal number that fills s: digits only, at most 20. Returns 0, or
 * -1 when s is empty or has another character, or -2 when it does not fit in
 * 64 bits (then *out is UINT64_MAX). */
int span_number(struct span s, uint64_t *out);

/* How many single-character edits lie between two names, at most 3; names of
 * 32 octets and more have nothing in common. */
unsigned span_distance(struct span a, struct span b);

#endif
