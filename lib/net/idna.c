/* SPDX-License-Identifier: ISC */
#include "net/idna.h"

#include <idn2.h>

#include "pure/ascii.h"
#include "pure/limits.h"

int
idna_domain(struct buf *out, struct span domain)
{
	char copy[4 * LIMIT_DOMAIN + 1];
	struct buf text = BUF(copy);
	char *ascii;
	int result;

	if (!ascii_has_high(domain)) {
		buf_span(out, domain);
		return out->over ? -1 : 0;
	}
	buf_span(&text, domain);
	buf_cstr(&text);
	if (text.over || memchr(copy, '\0', text.len) ||
		!utf8_valid(buf_text(&text)))
		return -1;
	result = idn2_to_ascii_8z(copy, &ascii, IDN2_NONTRANSITIONAL);
	if (result != IDN2_OK)
		return result == IDN2_MALLOC ? -2 : -1;
	buf_str(out, ascii);
	idn2_free(ascii);
	return out->over ? -1 : 0;
}
