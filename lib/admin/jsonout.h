/* SPDX-License-Identifier: ISC
 *
 * jsonout: a JSON text on the standard output, member by member: commas come
 * by themselves, names are ours and need no escape. In an array the name is
 * NULL. */
#ifndef ADMIN_JSONOUT_H
#define ADMIN_JSONOUT_H

#include "pure/span.h"

/* '{' or '[', and '}' or ']'. */
void jsonout_open(const char *name, char bracket);
void jsonout_close(char bracket);

void jsonout_text(const char *name, struct span text);
void jsonout_number(const char *name, int64_t number);
void jsonout_bool(const char *name, bool value);
void jsonout_null(const char *name);

/* A line's end between members, for the eye. */
void jsonout_line(void);

#endif
