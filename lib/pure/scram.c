/* SPDX-License-Identifier: ISC */
#include "pure/scram.h"

#include "pure/ascii.h"

/* Takes the text up to the next comma, and the comma. False at the end. */
static bool
part_next(struct span *rest, struct span *part)
{
	size_t end = span_find(*rest, ',');

	if (rest->n == 0)
		return false;
	*part = span_head(*rest, end);
	/* A comma at the very end is followed by an empty part, which no rule
	 * of the grammar allows. */
	if (end + 1 == rest->n)
		return false;
	*rest = span_from(*rest, end + 1);
	return true;
}

/* Takes `letter`=value with a value that is not empty. */
static bool
value_next(struct span *rest, char letter, struct span *value)
{
	struct span part;

	if (!part_next(rest, &part) || part.n < 3 || part.p[0] != letter ||
		part.p[1] != '=')
		return false;
	*value = span_from(part, 2);
	return true;
}

/* Are these extensions, each a letter, = and a value? */
static bool
extensions_good(struct span rest)
{
	struct span part;

	while (rest.n) {
		if (!part_next(&rest, &part) || part.n < 3 ||
			!ascii_alpha(part.p[0]) || part.p[1] != '=')
			return false;
	}
	return true;
}

/* No NUL, UTF-8, and not longer than we would read. */
static bool
message_good(struct span message)
{
	return message.n <= SCRAM_MAX &&
	       span_find(message, '\0') == message.n && utf8_valid(message);
}

static bool
nonce_good(struct span nonce)
{
	for (size_t i = 0; i < nonce.n; i++)
		if (!ascii_visible(nonce.p[i]) || nonce.p[i] == ',')
			return false;
	return nonce.n > 0 && nonce.n <= SCRAM_NONCE_MAX;
}

static bool
base64_letters(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/' &&
			s.p[i] != '=')
			return false;
	return s.n > 0 && s.n % 4 == 0;
}

/* Every = of an escaped name begins =2C or =3D. */
static bool
name_good(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct span escape = span_head(span_from(name, i), 3);

		if (name.p[i] == '=' && !span_eq(escape, SPAN("=2C")) &&
			!span_eq(escape, SPAN("=3D")))
			return false;
	}
	return name.n > 0;
}

static bool
cbname_good(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '.' &&
			name.p[i] != '-')
			return false;
	return name.n > 0;
}

/* gs2-cbind-flag "," [authzid] "," */
static bool
header_next(struct span *rest, struct scram_first *out)
{
	size_t end = span_find(*rest, ',');
	struct span flag = span_head(*rest, end);

	if (end == rest->n || flag.n == 0)
		return false;
	out->binding = flag.p[0];
	if (flag.p[0] == 'p') {
		if (flag.n < 3 || flag.p[1] != '=')
			return false;
		out->cbname = span_from(flag, 2);
		if (!cbname_good(out->cbname))
			return false;
	} else if (flag.n != 1 || (flag.p[0] != 'n' && flag.p[0] != 'y')) {
		return false;
	}
	*rest = span_from(*rest, end + 1);
	end = span_find(*rest, ',');
	if (end == rest->n)
		return false;
	if (end) {
		struct span whole = span_head(*rest, end);

		if (whole.n < 3 || whole.p[0] != 'a' || whole.p[1] != '=')
			return false;
		out->authzid = span_from(whole, 2);
		if (!name_good(out->authzid))
			return false;
	}
	*rest = span_from(*rest, end + 1);
	return true;
}

int
scram_first_parse(struct span message, struct scram_first *out)
{
	struct span rest = message;

	*out = (struct scram_first){ .binding = 'n' };
	if (!message_good(message) || !header_next(&rest, out))
		return -1;
	out->header = span_head(message, message.n - rest.n);
	out->bare = rest;
	/* A mandatory extension would stand in front of n=. */
	if (!value_next(&rest, 'n', &out->user) || !name_good(out->user) ||
		!value_next(&rest, 'r', &out->nonce) ||
		!nonce_good(out->nonce) || !extensions_good(rest))
		return -1;
	return 0;
}

void
scram_name_print(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ',')
			buf_str(out, "=2C");
		else if (name.p[i] == '=')
			buf_str(out, "=3D");
		else
			buf_char(out, name.p[i]);
	}
}

int
scram_name_plain(struct buf *out, struct span name)
{
	if (!name_good(name) || !message_good(name))
		return -1;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] != '=') {
			buf_char(out, name.p[i]);
			continue;
		}
		buf_char(out, name.p[i + 1] == '2' ? ',' : '=');
		i += 2;
	}
	return 0;
}

void
scram_first_print(struct buf *out, const struct scram_first *first)
{
	buf_char(out, first->binding);
	if (first->binding == 'p') {
		buf_char(out, '=');
		buf_span(out, first->cbname);
	}
	buf_char(out, ',');
	if (first->authzid.n) {
		buf_str(out, "a=");
		scram_name_print(out, first->authzid);
	}
	buf_str(out, ",n=");
	scram_name_print(out, first->user);
	buf_str(out, ",r=");
	buf_span(out, first->nonce);
}

int
scram_challenge_parse(
	struct span message, struct span mine, struct scram_challenge *out)
{
	struct span rest = message;
	struct span number;

	*out = (struct scram_challenge){ .iterations = 0 };
	if (!message_good(message) || !value_next(&rest, 'r', &out->nonce) ||
		!nonce_good(out->nonce) || out->nonce.n <= mine.n ||
		!span_eq(span_head(out->nonce, mine.n), mine) ||
		!value_next(&rest, 's', &out->salt) ||
		!base64_letters(out->salt) ||
		!value_next(&rest, 'i', &number) || number.p[0] == '0' ||
		span_number(number, &out->iterations) != 0 ||
		!extensions_good(rest))
		return -1;
	return 0;
}

void
scram_challenge_print(struct buf *out, const struct scram_challenge *challenge)
{
	buf_str(out, "r=");
	buf_span(out, challenge->nonce);
	buf_str(out, ",s=");
	buf_span(out, challenge->salt);
	buf_str(out, ",i=");
	buf_number(out, challenge->iterations);
}

int
scram_final_parse(struct span message, struct scram_final *out)
{
	struct span rest = message;
	struct span part = { "", 0 };

	*out = (struct scram_final){ .binding = SPAN("") };
	if (!message_good(message) || !value_next(&rest, 'c', &out->binding) ||
		!base64_letters(out->binding) ||
		!value_next(&rest, 'r', &out->nonce) || !nonce_good(out->nonce))
		return -1;
	/* The proof is the last part; extensions stand in front of it. */
	while (rest.n) {
		if (!part_next(&rest, &part) || part.n < 3 ||
			!ascii_alpha(part.p[0]) || part.p[1] != '=' ||
			(part.p[0] == 'p') != (rest.n == 0))
			return -1;
	}
	if (part.n == 0)
		return -1;
	out->proof = span_from(part, 2);
	out->unproved = span_head(message, message.n - part.n - 1);
	return base64_letters(out->proof) ? 0 : -1;
}

void
scram_final_print(struct buf *out, struct span binding, struct span nonce)
{
	buf_str(out, "c=");
	buf_span(out, binding);
	buf_str(out, ",r=");
	buf_span(out, nonce);
}

int
scram_end_parse(struct span message, struct scram_end *out)
{
	struct span rest = message;

	*out = (struct scram_end){ .error = SPAN("") };
	if (!message_good(message))
		return -1;
	if (message.n && message.p[0] == 'e') {
		if (!value_next(&rest, 'e', &out->error))
			return -1;
	} else if (!value_next(&rest, 'v', &out->signature) ||
		   !base64_letters(out->signature)) {
		return -1;
	}
	return extensions_good(rest) ? 0 : -1;
}

void
scram_message(struct buf *out, struct span bare, struct span challenge,
	struct span unproved)
{
	buf_span(out, bare);
	buf_char(out, ',');
	buf_span(out, challenge);
	buf_char(out, ',');
	buf_span(out, unproved);
}
