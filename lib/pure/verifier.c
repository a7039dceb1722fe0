/* SPDX-License-Identifier: ISC */
#include "pure/verifier.h"

#include "pure/ascii.h"
#include "pure/base64.h"
#include "pure/scram.h"

static const struct span scheme = SPAN_INIT("SCRAM-SHA-256$");

bool
verifier_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_visible(name.p[i]) ||
			span_find(SPAN(":\"[]\\,"), name.p[i]) < 6)
			return false;
	return name.n > 0 && name.n <= VERIFIER_NAME && name.p[0] != '#' &&
	       name.p[0] != '!';
}

/* Takes what stands in front of the sign, and the sign. */
static struct span
take(struct span *rest, char sign)
{
	size_t end = span_find(*rest, sign);
	struct span part = span_head(*rest, end);

	*rest = span_from(*rest, end + 1);
	return part;
}

static bool
is_base64(struct span text, size_t least, size_t most)
{
	char room[VERIFIER_SALT];
	struct buf plain = BUF(room);

	return base64_decode(&plain, text) == 0 && plain.len >= least &&
	       plain.len <= most;
}

static const char *
parse_scram(struct span text, struct verifier *out)
{
	struct span rest = span_from(text, scheme.n);
	struct span number = take(&rest, ':');

	out->scram = true;
	out->salt = take(&rest, '$');
	out->stored = take(&rest, ':');
	out->server = rest;
	if (span_number(number, &out->iterations) != 0 ||
		out->iterations < SCRAM_ITERATIONS ||
		out->iterations > 10000000)
		return "the iterations are no number from 4096 to 10000000";
	if (out->salt.n > VERIFIER_SALT || !is_base64(out->salt, 1, 72))
		return "the salt is not base64, or too long";
	if (!is_base64(out->stored, VERIFIER_KEY, VERIFIER_KEY) ||
		!is_base64(out->server, VERIFIER_KEY, VERIFIER_KEY))
		return "a key is not base64 of 32 octets";
	return NULL;
}

const char *
verifier_parse(struct span text, struct verifier *out)
{
	*out = (struct verifier){ .locked = false };
	if (text.n && text.p[0] == '!') {
		out->locked = true;
		text = span_from(text, 1);
	}
	if (text.n > VERIFIER_MAX)
		return "what stands behind the name is too long";
	if (span_eq(span_head(text, scheme.n), scheme))
		return parse_scram(text, out);
	out->hash = text;
	if (text.n < 4 || text.p[0] != '$')
		return "no verifier of SCRAM-SHA-256 and no hash of crypt(5); "
		       "let postern passwd write it";
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_visible(text.p[i]) ||
			span_find(SPAN(":;*!\\"), text.p[i]) < 5)
			return "an octet that no hash of crypt(5) has";
	return NULL;
}

const char *
verifier_entry(struct span entry, struct span *name, struct span *text)
{
	struct verifier verifier;
	size_t colon = span_find(entry, ':');

	*name = span_trim(span_head(entry, colon));
	*text = span_trim(span_from(entry, colon + 1));
	if (colon == entry.n)
		return "no colon; write NAME: VERIFIER";
	if (!verifier_name(*name))
		return "not a name for a login: visible ASCII without "
		       ": \" [ ] \\ and the comma";
	return verifier_parse(*text, &verifier);
}

void
verifier_print(struct buf *out, uint64_t iterations, struct span salt,
	struct span stored, struct span server)
{
	buf_span(out, scheme);
	buf_number(out, iterations);
	buf_char(out, ':');
	base64_encode(out, salt);
	buf_char(out, '$');
	base64_encode(out, stored);
	buf_char(out, ':');
	base64_encode(out, server);
}
