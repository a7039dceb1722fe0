/* SPDX-License-Identifier: ISC
 *
 * oauth2: control/oauth2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "control/oauth2.h"
#include "world.h"

static struct oauth2 *
open_table(const char *text, struct control *c)
{
	struct oauth2 *o;

	world_file("oauth2", text);
	assert_int_equal(control_open(c), 0);
	o = oauth2_open(c);
	control_close(c);
	return o;
}

static void
endpoint_is(const struct oauth2_account *a, enum oauth2_setting which,
	const char *url)
{
	char text[LIMIT_URL + 100];
	struct buf out = BUF(text);

	assert_int_equal(oauth2_endpoint(a, which, &out), url != NULL);
	if (url)
		assert_string_equal(text, url);
}

static void
scope_is(const struct oauth2_account *a, const char *scope)
{
	char text[200];
	struct buf out = BUF(text);

	oauth2_scope(a, &out);
	assert_string_equal(buf_cstr(&out), scope);
}

static void
providers_fill_in(void **state)
{
	const struct oauth2_account *a;
	struct oauth2 *o;
	struct control c;

	(void)state;
	o = open_table(
		"# accounts\n"
		"office: provider=microsoft client=1-2 tenant=t.example\n"
		"any: provider=microsoft\tclient=1\n"
		"app: provider=microsoft client=1 grant=client tenant=t "
		"secret=credential:app\n"
		"mail: provider=google client=g secret=file:/s warn=3\n"
		"own@x.example: provider=other client=o auth=basic "
		"secret=file:/s device=http://127.0.0.1:8/d "
		"token=https://[2001:db8::1]:8/t scope=a scope=b\n",
		&c);
	assert_non_null(o);
	a = oauth2_find(o, SPAN("office"));
	assert_non_null(a);
	assert_int_equal(a->grant, OAUTH2_BY_DEVICE);
	assert_int_equal(a->idle, 90);
	assert_int_equal(a->warn, 14);
	assert_int_equal(a->line, 2);
	endpoint_is(a, OAUTH2_DEVICE,
		"https://login.microsoftonline.com/t.example/oauth2/v2.0/"
		"devicecode");
	endpoint_is(a, OAUTH2_TOKEN,
		"https://login.microsoftonline.com/t.example/oauth2/v2.0/"
		"token");
	scope_is(a, "https://outlook.office.com/SMTP.Send offline_access");
	endpoint_is(oauth2_at(o, 1), OAUTH2_TOKEN,
		"https://login.microsoftonline.com/common/oauth2/v2.0/token");
	scope_is(oauth2_at(o, 2), "https://outlook.office365.com/.default");
	a = oauth2_at(o, 3);
	assert_int_equal(a->grant, OAUTH2_BY_CODE);
	assert_int_equal(a->warn, 3);
	scope_is(a, "https://mail.google.com/");
	a = oauth2_at(o, 4);
	assert_true(a->basic);
	scope_is(a, "a b");
	endpoint_is(a, OAUTH2_TOKEN, "https://[2001:db8::1]:8/t");
	endpoint_is(a, OAUTH2_AUTHORIZE, NULL);
	assert_null(oauth2_at(o, 5));
	assert_null(oauth2_find(o, SPAN("Office")));
	oauth2_close(o);
}

static void
one_bad_line_is_an_error(void **state)
{
	static const char *const bad[] = {
		"a provider=google client=g\n",
		": provider=google client=g\n",
		".a: provider=google client=g\n",
		"../a: provider=google client=g\n",
		"a/b: provider=google client=g\n",
		"a: client=g\n",
		"a: provider=yahoo client=g\n",
		"a: provider=google\n",
		"a: provider=google client=\n",
		"a: provider=google client=g client=h\n",
		"a: provider=google client=g colour=red\n",
		"a: provider=google client=g grant=device\n",
		"a: provider=google client=g grant=client secret=file:/s\n",
		"a: provider=google client=g grant=password\n",
		"a: provider=google client=g secret=hunter2\n",
		"a: provider=google client=g secret=file:s\n",
		"a: provider=google client=g secret=credential:../s\n",
		"a: provider=google client=g auth=basic\n",
		"a: provider=google client=g auth=both secret=file:/s\n",
		"a: provider=google client=g warn=400\n",
		"a: provider=google client=g cafile=ca.pem\n",
		"a: provider=google client=g scope=a\"b\n",
		"a: provider=google client=g token=http://x.example/t\n",
		"a: provider=google client=g "
		"token=http://127.0.0.1.x.example/\n",
		"a: provider=google client=g "
		"token=http://localhost@x.example/\n",
		"a: provider=google client=g token=ftp://x.example/\n",
		"a: provider=google client=g token=https:///t\n",
		"a: provider=google client=g token=https://x.example/#t\n",
		"a: provider=microsoft client=g tenant=a/b\n",
		"a: provider=microsoft client=g grant=client secret=file:/s\n",
		"a: provider=microsoft client=g grant=client tenant=t\n",
		"a: provider=other client=g device=https://x.example/\n",
		"a: provider=other client=g token=https://x.example/\n",
		"a: provider=other client=g token=https://x.example/ "
		"grant=code\n",
		"a: provider=google client=g\na: provider=google client=h\n",
	};
	struct control c;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		if (open_table(bad[i], &c))
			fail_msg("taken: %s", bad[i]);
		if (strncmp(control_error(&c), "control/oauth2:", 15) != 0)
			fail_msg("%s: %s", bad[i], control_error(&c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			providers_fill_in, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			one_bad_line_is_an_error, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("oauth2", tests, NULL, NULL);
}
