/* SPDX-License-Identifier: ISC
 *
 * verifier: a line of control/logins that is taken has a name that may be one,
 * and a verifier that can be used; the text of loginfile keeps every line but
 * that of the name. */
#include "tests/fuzz/fuzz.h"

#include "admin/loginfile.h"
#include "pure/base64.h"
#include "pure/verifier.h"

static char text[65536];

/* A verifier that is printed is taken. */
static void
again(const struct buf *key)
{
	struct buf out = BUF(text);
	struct verifier v;

	buf_str(&out, "SCRAM-SHA-256$");
	verifier_print(&out, 4096, SPAN("salt"), buf_text(key), buf_text(key));
	(void)verifier_parse(buf_text(&out), &v);
}

static void
entry(struct span in)
{
	char key[VERIFIER_SALT];
	struct buf stored = BUF(key);
	struct span name;
	struct span value;
	struct verifier v;

	if (verifier_entry(in, &name, &value))
		return;
	MUST(verifier_name(name) && !verifier_parse(value, &v));
	if (!v.scram) {
		MUST(v.hash.n <= VERIFIER_MAX && v.hash.p[0] == '$');
		return;
	}
	MUST(base64_decode(&stored, v.stored) == 0 &&
		stored.len == VERIFIER_KEY);
	again(&stored);
	stored.len = 0;
	MUST(base64_decode(&stored, v.salt) == 0 && stored.len > 0);
}

static void
edit(struct span in)
{
	struct buf out = BUF(text);
	int found;

	if (in.n > sizeof text / 4)
		return;
	found = loginfile_edit(&out, in, SPAN("app"), SPAN(""), SPAN(""));
	MUST(found >= 0 && out.len <= in.n + 1);
	out.len = 0;
	MUST(loginfile_edit(&out, in, SPAN("app"), SPAN("$x"), SPAN("!$y")) ==
		1);
	MUST(out.len >= 8);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);

	entry(in);
	edit(in);
	return 0;
}
