/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/addrlist.h"

/* Every address of a value, each in brackets, those of groups in braces. */
static const char *
list(const char *value)
{
	static char text[1000];
	struct buf out = BUF(text);
	struct addrlist addresses = addrlist_of(span_of(value));
	struct addrlist_item item;

	while (addrlist_next(&addresses, &item)) {
		if (!item.spec.n)
			continue;
		buf_char(&out, item.group ? '{' : '[');
		addrlist_text(item.spec, &out);
		buf_char(&out, item.group ? '}' : ']');
	}
	return buf_cstr(&out);
}

/* D-016 */
static void
addresses_of_every_form(void **state)
{
	static const struct {
		const char *value;
		const char *addresses;
	} rows[] = {
		{"",				     ""                   },
		{ " ",				   ""                   },
		{ ",, ,",				""                   },
		{ "a@b.example",                         "[a@b.example]"      },
		{ " a@b , c@d",                          "[a@b][c@d]"         },
		{ "root",				"[root]"             },
		{ "root (Cron Daemon)",                  "[root]"             },
		{ "(x) root (Cron, <Daemon>)",           "[root]"             },
		{ "Cron Daemon <root>",                  "[root]"             },
		{ "\"Cron, <Daemon>\" <root@h>, x@y",    "[root@h][x@y]"      },
		{ "\"a \\\" b\" <q@r>",                  "[q@r]"              },
		{ "\"a b\"@c.example",                   "[\"a b\"@c.example]"},
		{ "=?utf-8?q?J=C3=B6rg=2C?= <j@k>",      "[j@k]"              },
		{ "J\xc3\xb6rg <j@k>",                   "[j@k]"              },
		{ "J. R. Worker <j@k>",                  "[j@k]"              },
		{ "a . b @ c . example",                 "[a.b@c.example]"    },
		{ "a(x)@(y)b\r\n\t.example",             "[a@b.example]"      },
		{ "Job\r\n <job@\r\n x>",                "[job@x]"            },
		{ "<@r1,@r2:u@h>",                       "[u@h]"              },
		{ "< @r1 , @r2 : u@h >",                 "[u@h]"              },
		{ "<>",				  ""                   },
		{ "u@[192.0.2.1], v@[IPv6:2001:db8::1]",
                 "[u@[192.0.2.1]][v@[IPv6:2001:db8::1]]"                      },
		{ "Undisclosed recipients:;",            ""                   },
		{ "The A-Team: app@x, Box <box@y>; c@z",
                 "{app@x}{box@y}[c@z]"                                        },
		{ "A:b@c;,D:;, e",                       "{b@c}[e]"           },
		{ "Group: a@b",                          "{a@b}"              },
 /* no address, or more than one: nothing is guessed */
		{ "Job Dev",			     ""                   },
		{ "Job Dev job@dev",                     ""                   },
		{ "Job <job@dev",                        ""                   },
		{ "job@dev>",                            ""                   },
		{ "<job dev@x>",                         ""                   },
		{ "a@b <c@d> <e@f>",                     "[c@d]"              },
		{ "\"a@b",			       "[\"a@b]"            },
		{ "(a@b",				""                   },
		{ "a@b (c\\) d (e) f) , g@h",            "[a@b][g@h]"         },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_string_equal(list(rows[i].value), rows[i].addresses);
}

static void
an_item_says_how_it_ended(void **state)
{
	struct addrlist at = addrlist_of(SPAN("T: a@b , <c@d>;"));
	struct addrlist_item item;

	(void)state;
	assert_true(addrlist_next(&at, &item));
	assert_int_equal(item.end, ':');
	assert_int_equal(item.spec.n, 0);
	assert_true(addrlist_next(&at, &item));
	assert_int_equal(item.end, ',');
	assert_true(item.group && !item.angle);
	assert_true(span_eq(item.all, SPAN(" a@b ")));
	assert_true(span_eq(item.spec, SPAN("a@b")));
	assert_true(addrlist_next(&at, &item));
	assert_int_equal(item.end, ';');
	assert_true(item.group && item.angle);
	assert_true(addrlist_next(&at, &item));
	assert_int_equal(item.end, 0);
	assert_int_equal(item.all.n, 0);
	assert_false(item.group);
	assert_false(addrlist_next(&at, &item));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_every_form),
		cmocka_unit_test(an_item_says_how_it_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
