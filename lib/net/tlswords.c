/* SPDX-License-Identifier: ISC */
#include "net/tlswords.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "pure/ascii.h"

/* An alert that came over the wire; OpenSSL's own words for it read as if it
 * were ours. */
static const char *
alert_words(unsigned long error)
{
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) != ERR_LIB_SSL || reason < SSL_AD_REASON_OFFSET)
		return NULL;
	return SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET);
}

static const char *
reason_words(unsigned long error, const char *data, int flags)
{
	const char *reason = ERR_reason_error_string(error);

	if (reason)
		return reason;
	return error && (flags & ERR_TXT_STRING) && data ? data
							 : "unknown reason";
}

void
tlswords(struct buf *out)
{
	const char *data = NULL;
	int flags = 0;
	unsigned long error =
		ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
	const char *words = alert_words(error);

	if (words)
		buf_str(out, "the other side's alert: ");
	else
		words = reason_words(error, data, flags);
	for (; *words; words++)
		buf_char(out,
			*words == ' ' || ascii_visible(*words) ? *words : '?');
	ERR_clear_error();
}
