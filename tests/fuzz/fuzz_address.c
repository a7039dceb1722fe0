/* SPDX-License-Identifier: ISC
 *
 * address: what a path is stored as is a path again, with the same text; it
 * fits, is safe in an envelope, and its domain is one. */
#include "tests/fuzz/fuzz.h"

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/envelope.h"

static void
check_domain(const struct address *a, const struct address_rules *rules)
{
	struct span domain = address_domain(a);
	char text[64];
	struct buf literal = BUF(text);

	MUST(a->text[a->at] == '@');
	MUST(span_eq(domain, address_domain_of(address_text(a))));
	if (a->literal.family == IP_NONE) {
		MUST(address_domain_valid(domain, rules->utf8));
		return;
	}
	ip_print_literal(&literal, &a->literal);
	MUST(span_eq(buf_text(&literal), domain));
}

/* A local part has quotes exactly when it cannot do without. */
static void
check_local(const struct address *a, const struct address_rules *rules)
{
	struct span local = address_local(a);
	struct address again;
	char text[LIMIT_ADDRESS];
	struct buf plain = BUF(text);

	MUST(local.n > 0 && local.n <= LIMIT_LOCALPART);
	address_unquote(local, &plain);
	MUST(!plain.over && plain.len > 0);
	if (local.p[0] != '"') {
		MUST(span_eq(buf_text(&plain), local));
		return;
	}
	/* quotes that are part of the name look like quotes around it */
	buf_str(&plain, "@x");
	if (!plain.over && !rules->loose_dots && text[0] != '"')
		MUST(address_mailbox(buf_text(&plain), rules, &again) !=
			ADDRESS_OK);
}

static void
check_again(const struct address *a, const struct address_rules *rules)
{
	static char text[LIMIT_ADDRESS + 2];
	struct buf path = BUF(text);
	struct address again;
	size_t used;

	buf_char(&path, '<');
	buf_span(&path, address_text(a));
	buf_char(&path, '>');
	MUST(!path.over);
	MUST(address_path(buf_text(&path), rules, &again, &used) == ADDRESS_OK);
	MUST(used == path.len && again.at == a->at);
	MUST(span_eq(address_text(&again), address_text(a)));
	MUST((address_mailbox(address_text(a), rules, &again) == ADDRESS_OK) ==
		(a->at < a->len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	unsigned choice = fuzz_choice(&in);
	struct address_rules rules = { choice & 1, choice & 2 };
	struct envelope_state state = { 0 };
	struct address a;
	size_t used;

	address_helo_valid(in);
	if (address_path(in, &rules, &a, &used) != ADDRESS_OK) {
		MUST(used == 0 && a.len == 0);
		return 0;
	}
	MUST(used >= 2 && used <= in.n && in.p[used - 1] == '>');
	MUST(a.len <= LIMIT_ADDRESS && a.text[a.len] == '\0');
	MUST(rules.utf8 || !ascii_has_high(address_text(&a)));
	MUST(utf8_valid(address_text(&a)));
	MUST(envelope_check(&state, 'F', address_text(&a)) == ENVELOPE_OK);
	if (a.len == 0)
		return 0;
	MUST(envelope_check(&state, 'T', address_text(&a)) == ENVELOPE_OK);
	check_local(&a, &rules);
	if (a.at < a.len)
		check_domain(&a, &rules);
	check_again(&a, &rules);
	return 0;
}
