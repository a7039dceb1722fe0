/* SPDX-License-Identifier: ISC
 *
 * ascii: the classes of characters that mail grammars are made of, without
 * locale and without sign extension. */
#ifndef PURE_ASCII_H
#define PURE_ASCII_H

#include <stdbool.h>

#include "pure/span.h"

static inline bool
ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool
ascii_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool
ascii_alnum(char c)
{
	return ascii_alpha(c) || ascii_digit(c);
}

/* A control character: 00-1F and 7F. */
static inline bool
ascii_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Above ASCII. */
static inline bool
ascii_high(char c)
{
	return (unsigned char)c >= 0x80;
}

/* Printable ASCII without the space. */
static inline bool
ascii_visible(char c)
{
	return c > 0x20 && c < 0x7f;
}

/* The value of a hex digit, or -1. */
static inline int
ascii_hex(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* True when s is well-formed UTF-8 (RFC 3629: no overlong forms, surrogates
 * or code points above U+10FFFF). Plain ASCII is well-formed. */
bool utf8_valid(struct span s);

/* True when s has a byte above ASCII. */
bool ascii_has_high(struct span s);

#endif
