/* SPDX-License-Identifier: ISC */
#include "pure/address.h"

#include "pure/ascii.h"

/* RFC 5322 3.2.3; what stands above ASCII is judged apart (RFC 6531 3.3). */
static bool
is_atext(char c)
{
	return ascii_alnum(c) ||
	       (ascii_visible(c) && memchr("!#$%&'*+-/=?^_`{|}~", c, 19));
}

/* What a part of a path is worth when 8-bit octets stand in it. */
static enum address_verdict
judge_high(struct span part, const struct address_rules *rules)
{
	if (!ascii_has_high(part))
		return ADDRESS_OK;
	return rules->utf8 && utf8_valid(part) ? ADDRESS_OK : ADDRESS_UTF8;
}

/* True for atoms joined by single dots (RFC 5321 4.1.2, Dot-string); with
 * `loose` the dots may stand anywhere beside at least one atom. */
static bool
is_dot_string(struct span s, bool loose)
{
	bool dot = true;
	bool atom = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (dot && !loose)
				return false;
			dot = true;
		} else if (is_atext(s.p[i]) || ascii_high(s.p[i])) {
			dot = false;
			atom = true;
		} else {
			return false;
		}
	}
	return atom && (!dot || loose);
}

/* Where the unquoted local part at the front of s ends. */
static size_t
atoms_end(struct span s)
{
	size_t n = 0;

	while (n < s.n &&
		(s.p[n] == '.' || is_atext(s.p[n]) || ascii_high(s.p[n])))
		n++;
	return n;
}

/* Where the quoted string at the front of s ends, behind its closing quote;
 * 0 when it does not end or holds what may not be quoted. */
static size_t
quoted_end(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (ascii_control(s.p[i]))
			return 0;
		if (s.p[i] != '\\')
			continue;
		i++;
		if (i == s.n || ascii_control(s.p[i]) || ascii_high(s.p[i]))
			return 0;
	}
	return 0;
}

void
address_unquote(struct span local, struct buf *out)
{
	if (local.n < 2 || local.p[0] != '"') {
		buf_span(out, local);
		return;
	}
	for (size_t i = 1; i < local.n - 1; i++) {
		if (local.p[i] == '\\' && i + 1 < local.n - 1)
			i++;
		buf_char(out, local.p[i]);
	}
}

/* Appends text in quotes, with a backslash only where one must be. */
static void
print_quoted(struct buf *out, struct span text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, text.p[i]);
	}
	buf_char(out, '"');
}

static enum address_verdict
parse_quoted(struct span in, const struct address_rules *rules, size_t *used,
	struct buf *stored)
{
	char plain[LIMIT_LOCALPART];
	struct buf text = BUF(plain);
	struct span quoted;
	enum address_verdict verdict;

	*used = quoted_end(in);
	if (*used == 0)
		return ADDRESS_SYNTAX;
	quoted = span_head(in, *used);
	verdict = judge_high(quoted, rules);
	if (verdict != ADDRESS_OK)
		return verdict;
	address_unquote(quoted, &text);
	if (text.over || text.len == 0)
		return ADDRESS_LOCAL;
	if (is_dot_string(buf_text(&text), false))
		buf_span(stored, buf_text(&text));
	else
		print_quoted(stored, buf_text(&text));
	return ADDRESS_OK;
}

static enum address_verdict
parse_atoms(struct span in, const struct address_rules *rules, size_t *used,
	struct buf *stored)
{
	struct span atoms = span_head(in, atoms_end(in));
	enum address_verdict verdict = judge_high(atoms, rules);

	*used = atoms.n;
	if (verdict != ADDRESS_OK)
		return verdict;
	if (atoms.n == 0)
		return ADDRESS_SYNTAX;
	if (!is_dot_string(atoms, rules->loose_dots))
		return ADDRESS_LOCAL;
	buf_span(stored, atoms);
	return ADDRESS_OK;
}

/* Takes the local part off the front of `in`. */
static enum address_verdict
parse_local(
	struct span *in, const struct address_rules *rules, struct buf *stored)
{
	bool quoted = in->n && in->p[0] == '"';
	enum address_verdict verdict;
	size_t used;

	verdict = quoted ? parse_quoted(*in, rules, &used, stored)
			 : parse_atoms(*in, rules, &used, stored);
	if (verdict != ADDRESS_OK)
		return verdict;
	*in = span_from(*in, used);
	return stored->over || stored->len > LIMIT_LOCALPART ? ADDRESS_LOCAL
							     : ADDRESS_OK;
}

static bool
is_domain_char(char c)
{
	return ascii_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* A label has 63 octets; one in UTF-8 is counted in characters, since its
 * octets are not those that DNS will see. */
static bool
is_label(struct span label, bool utf8)
{
	size_t characters = 0;

	if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (!is_domain_char(c) && !(utf8 && ascii_high(c)))
			return false;
		characters += ((unsigned char)c & 0xc0) != 0x80;
	}
	return characters <= LIMIT_LABEL;
}

bool
address_domain_valid(struct span domain, bool utf8)
{
	if (domain.n > LIMIT_DOMAIN || (utf8 && !utf8_valid(domain)))
		return false;
	for (;;) {
		size_t dot = span_find(domain, '.');

		if (!is_label(span_head(domain, dot), utf8))
			return false;
		if (dot == domain.n)
			return true;
		domain = span_from(domain, dot + 1);
	}
}

bool
address_helo_valid(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_visible(name.p[i]))
			return false;
	return name.n > 0 && name.n <= LIMIT_HELO;
}

/* A domain that is none: a stray byte in it is a worse sign than its form. */
static enum address_verdict
judge_domain(struct span domain, const struct address_rules *rules)
{
	enum address_verdict verdict = judge_high(domain, rules);

	if (verdict != ADDRESS_OK)
		return verdict;
	for (size_t i = 0; i < domain.n; i++)
		if (!is_domain_char(domain.p[i]) && !ascii_high(domain.p[i]))
			return ADDRESS_SYNTAX;
	return address_domain_valid(domain, rules->utf8) ? ADDRESS_OK
							 : ADDRESS_DOMAIN;
}

/* Reads [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 4.1.3). */
static enum address_verdict
parse_literal(struct span in, struct ip *literal)
{
	static const struct span tag = SPAN_INIT("IPv6:");
	struct span inner;
	bool tagged;

	if (in.n < 2 || in.p[in.n - 1] != ']')
		return ADDRESS_DOMAIN;
	inner = span_head(span_from(in, 1), in.n - 2);
	tagged = span_begins_nocase(inner, tag);
	if (tagged)
		inner = span_from(inner, tag.n);
	if (tagged != (span_find(inner, ':') < inner.n))
		return ADDRESS_DOMAIN;
	return ip_parse(inner, literal) == 0 ? ADDRESS_OK : ADDRESS_DOMAIN;
}

/* Reads a domain that fills `in` and appends it as it is stored. */
static enum address_verdict
parse_domain(struct span in, const struct address_rules *rules,
	struct address *out, struct buf *stored)
{
	enum address_verdict verdict;

	if (in.n == 0)
		return ADDRESS_DOMAIN;
	if (in.p[0] == '[') {
		verdict = parse_literal(in, &out->literal);
		if (verdict == ADDRESS_OK)
			ip_print_literal(stored, &out->literal);
	} else {
		verdict = judge_domain(in, rules);
		buf_span(stored, in);
	}
	return verdict;
}

/* Reads local part @ domain, or a local part alone, that fills `in`. */
static enum address_verdict
parse_mailbox(
	struct span in, const struct address_rules *rules, struct address *out)
{
	struct buf stored = { out->text, LIMIT_ADDRESS, 0, false };
	enum address_verdict verdict = parse_local(&in, rules, &stored);

	if (verdict != ADDRESS_OK)
		return verdict;
	out->at = stored.len;
	if (in.n) {
		if (in.p[0] != '@')
			return ADDRESS_SYNTAX;
		buf_char(&stored, '@');
		verdict = parse_domain(span_from(in, 1), rules, out, &stored);
		if (verdict != ADDRESS_OK)
			return verdict;
	}
	if (stored.over)
		return ADDRESS_LOCAL;
	out->len = stored.len;
	out->text[out->len] = '\0';
	return ADDRESS_OK;
}

/* Takes the source route @a,@b: off the front of a path. Nobody may route
 * mail through us that way; it is read because old software still sends it
 * (RFC 5321 appendix C). */
static enum address_verdict
skip_route(struct span *in, const struct address_rules *rules)
{
	for (;;) {
		enum address_verdict verdict;
		size_t n = 0;

		if (in->n == 0 || in->p[0] != '@')
			return ADDRESS_SYNTAX;
		*in = span_from(*in, 1);
		while (n < in->n && in->p[n] != ',' && in->p[n] != ':')
			n++;
		if (n == in->n)
			return ADDRESS_SYNTAX;
		verdict = judge_domain(span_head(*in, n), rules);
		if (verdict != ADDRESS_OK)
			return verdict;
		*in = span_from(*in, n);
		if (in->p[0] == ':')
			break;
		*in = span_from(*in, 1);
	}
	*in = span_from(*in, 1);
	return ADDRESS_OK;
}

/* Where the > that ends a path stands: the first that is not quoted. */
static size_t
path_end(struct span in)
{
	bool quoted = false;

	for (size_t i = 1; i < in.n; i++) {
		if (in.p[i] == '"')
			quoted = !quoted;
		else if (in.p[i] == '\\' && quoted)
			i++;
		else if (in.p[i] == '>' && !quoted)
			return i;
	}
	return in.n;
}

static void
clear(struct address *out)
{
	out->text[0] = '\0';
	out->len = 0;
	out->at = 0;
	out->literal = (struct ip){ 0 };
}

enum address_verdict
address_path(struct span in, const struct address_rules *rules,
	struct address *out, size_t *used)
{
	enum address_verdict verdict = ADDRESS_OK;
	size_t end = path_end(in);
	bool routed;

	clear(out);
	*used = 0;
	if (end == in.n || in.p[0] != '<')
		return ADDRESS_SYNTAX;
	in = span_head(span_from(in, 1), end - 1);
	routed = in.n && in.p[0] == '@';
	if (routed)
		verdict = skip_route(&in, rules);
	if (verdict == ADDRESS_OK && (in.n || routed))
		verdict = parse_mailbox(in, rules, out);
	if (verdict == ADDRESS_OK && routed && out->at == out->len)
		verdict = ADDRESS_SYNTAX;
	if (verdict != ADDRESS_OK)
		clear(out);
	else
		*used = end + 1;
	return verdict;
}

enum address_verdict
address_mailbox(
	struct span in, const struct address_rules *rules, struct address *out)
{
	enum address_verdict verdict;

	clear(out);
	verdict = parse_mailbox(in, rules, out);
	if (verdict == ADDRESS_OK && out->at == out->len)
		verdict = ADDRESS_DOMAIN;
	if (verdict != ADDRESS_OK)
		clear(out);
	return verdict;
}

struct span
address_local(const struct address *a)
{
	return span_head(address_text(a), a->at);
}

struct span
address_domain(const struct address *a)
{
	return span_from(address_text(a), a->at + 1);
}

struct span
address_domain_of(struct span text)
{
	size_t n = text.n;

	/* "a@b" in quotes is a local part without a domain */
	if (n && text.p[n - 1] == '"')
		return span_from(text, n);
	while (n && text.p[n - 1] != '@')
		n--;
	return span_from(text, n ? n : text.n);
}
