/* SPDX-License-Identifier: ISC */
#include "pure/bearer.h"

#include "pure/ascii.h"
#include "pure/scram.h"

enum { REASON = 60 };

void
bearer_print(
	struct buf *out, enum mechanism mechanism, const struct bearer *bearer)
{
	if (mechanism == MECHANISM_OAUTHBEARER) {
		buf_str(out, "n,a=");
		scram_name_print(out, bearer->user);
		buf_str(out, ",\1host=");
		buf_span(out, bearer->host);
		buf_str(out, "\1port=");
		buf_number(out, bearer->port);
	} else {
		buf_str(out, "user=");
		buf_span(out, bearer->user);
	}
	buf_str(out, "\1auth=Bearer ");
	buf_span(out, bearer->token);
	buf_str(out, "\1\1");
}

/* Takes a string off *in, which begins behind its quote. Escapes stay. */
static struct span
string_next(struct span *in)
{
	struct span all = *in;
	size_t n = 0;

	while (n < all.n && all.p[n] != '"')
		n += all.p[n] == '\\' ? 2 : 1;
	*in = span_from(all, n + 1);
	return span_head(all, n);
}

static struct span
blanks_off(struct span in)
{
	while (in.n && (*in.p == ' ' || *in.p == '\t' || *in.p == '\n' ||
			       *in.p == '\r'))
		in = span_from(in, 1);
	return in;
}

/* A string, or what stands up to the next comma or brace. */
static struct span
value_next(struct span *in)
{
	struct span all = blanks_off(*in);
	size_t n = 0;

	if (all.n && *all.p == '"') {
		*in = span_from(all, 1);
		return string_next(in);
	}
	while (n < all.n && span_find(SPAN(",{}[]\" \t\r\n"), all.p[n]) == 10)
		n++;
	*in = span_from(all, n);
	return span_head(all, n);
}

static bool
find_value(struct span json, struct span key, struct span *value)
{
	while (json.n) {
		struct span name;

		json = span_from(json, span_find(json, '"') + 1);
		name = string_next(&json);
		json = blanks_off(json);
		if (json.n == 0 || *json.p != ':')
			continue;
		json = span_from(json, 1);
		*value = value_next(&json);
		if (span_eq(name, key) && value->n)
			return true;
	}
	return false;
}

void
bearer_reason(struct buf *out, struct span json)
{
	struct span value;

	if (!find_value(json, SPAN("status"), &value) &&
		!find_value(json, SPAN("error"), &value))
		return;
	value = span_head(value, REASON);
	for (size_t i = 0; i < value.n; i++)
		buf_char(out, ascii_visible(value.p[i]) || value.p[i] == ' '
				      ? value.p[i]
				      : '?');
}
