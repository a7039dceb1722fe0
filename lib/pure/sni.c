/* SPDX-License-Identifier: ISC */
#include "pure/sni.h"

#include "pure/ascii.h"

/* RFC 6066 3: the only type of name there is. */
enum { HOST_NAME = 0 };

/* The number that two octets hold. */
static size_t
number(struct span two)
{
	return (size_t)(unsigned char)two.p[0] << 8 | (unsigned char)two.p[1];
}

static bool
is_host_name(struct span name)
{
	size_t label = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '.' && label == 0)
			return false;
		if (c != '.' && !ascii_alnum(c) && c != '-' && c != '_')
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LIMIT_LABEL)
			return false;
	}
	return label > 0 && name.n <= LIMIT_DOMAIN;
}

static int
put_lower(struct buf *out, struct span name)
{
	if (!is_host_name(name) || out->cap - out->len < name.n)
		return -1;
	for (size_t i = 0; i < name.n; i++)
		buf_char(out, ascii_lower(name.p[i]));
	return 0;
}

int
sni_parse(struct span extension, struct buf *name)
{
	struct span list = span_from(extension, 2);
	struct span host = span_from(list, 3);

	if (extension.n < 2 || number(extension) != list.n || list.n < 3 ||
		list.p[0] != HOST_NAME || number(span_from(list, 1)) != host.n)
		return -1;
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	return put_lower(name, host);
}

int
sni_filed(struct span file, struct buf *name)
{
	return put_lower(name, file);
}
