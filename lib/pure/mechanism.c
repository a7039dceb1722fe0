/* SPDX-License-Identifier: ISC */
#include "pure/mechanism.h"

static const char *const names[MECHANISMS] = {
	[MECHANISM_SCRAM_PLUS] = "SCRAM-SHA-256-PLUS",
	[MECHANISM_SCRAM] = "SCRAM-SHA-256",
	[MECHANISM_CRAM_MD5] = "CRAM-MD5",
	[MECHANISM_PLAIN] = "PLAIN",
	[MECHANISM_LOGIN] = "LOGIN",
	[MECHANISM_OAUTHBEARER] = "OAUTHBEARER",
	[MECHANISM_XOAUTH2] = "XOAUTH2",
};

const char *
mechanism_name(enum mechanism m)
{
	return names[m];
}

enum mechanism
mechanism_find(struct span name)
{
	int i = 0;

	while (i < MECHANISMS && !span_eq_nocase(name, span_of(names[i])))
		i++;
	return (enum mechanism)i;
}

enum mechanism
mechanism_best(unsigned set)
{
	int i = 0;

	while (i < MECHANISMS && !(set & mechanism_bit((enum mechanism)i)))
		i++;
	return (enum mechanism)i;
}

void
mechanism_print(struct buf *out, unsigned set)
{
	size_t start = out->len;

	for (int i = 0; i < MECHANISMS; i++) {
		if (!(set & mechanism_bit((enum mechanism)i)))
			continue;
		if (out->len > start)
			buf_char(out, ' ');
		buf_str(out, names[i]);
	}
}
