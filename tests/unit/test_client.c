/* SPDX-License-Identifier: ISC
 *
 * client: how long a message may take in all, and what is said in its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smtp/client.h"
#include "sys/clock.h"

static struct client client;

/* A connection whose other end has said `text` and says no more. */
static enum client_verdict
opened(int pair[2], const char *text)
{
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[1], text, strlen(text)), strlen(text));
	return client_open(&client, pair[0], SPAN("me.example"));
}

/* C-016 */
static void
a_message_has_its_time_and_no_more(void **state)
{
	int64_t start = clock_ms();
	int pair[2];

	(void)state;
	client_init(&client);
	client.session_ms = 200;
	client_clock(&client, 0);
	assert_int_equal(opened(pair, ""), CLIENT_NEXT);
	assert_false(client_connected(&client));
	assert_true(clock_ms() - start >= 200);
	assert_true(clock_ms() - start < 20000);
	/* the next connection has only what is left: nothing */
	start = clock_ms();
	close(pair[1]);
	assert_int_equal(opened(pair, "220 x"), CLIENT_NEXT);
	assert_true(clock_ms() - start < 10000);
	close(pair[1]);
}

/* C-016: a second for each 1024 octets on top. */
static void
large_messages_have_more(void **state)
{
	(void)state;
	client_init(&client);
	client_clock(&client, 10 * CLIENT_SLOWEST);
	assert_true(client.until - clock_ms() > CLIENT_SESSION_MS + 9000);
	assert_true(client.until - clock_ms() <= CLIENT_SESSION_MS + 10000);
	client_clock(&client, UINT64_MAX);
	assert_true(client.until > clock_ms());
}

/* C-015: the times of RFC 5321 4.5.3.2, and a cap that only shortens. */
static void
each_phase_has_its_time(void **state)
{
	static const struct {
		enum client_phase phase;
		int64_t seconds;
	} rows[] = {
		{PHASE_GREETING, 300},
                { PHASE_EHLO,    300},
		{ PHASE_MAIL,    300},
                { PHASE_RCPT,    300},
                { PHASE_DATA,    120},
		{ PHASE_TEXT,    180},
                { PHASE_END,     600}
	};

	(void)state;
	client_init(&client);
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t left;

		client.cap_ms = 0;
		left = client_deadline(&client, rows[i].phase) - clock_ms();
		assert_true(left <= rows[i].seconds * 1000);
		assert_true(left > rows[i].seconds * 1000 - 5000);
		client.cap_ms = 150000;
		left = client_deadline(&client, rows[i].phase) - clock_ms();
		assert_true(left <= 150000 && left <= rows[i].seconds * 1000);
		assert_true(left > 110000);
	}
}

/* C-003: without a name the address of our end is said. */
static void
without_a_name(void **state)
{
	char said[64] = "";
	int pair[2];

	(void)state;
	client_init(&client);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[1], "220 x\r\n", 7), 7);
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	assert_int_equal(client_open(&client, pair[0], SPAN("")), CLIENT_NEXT);
	/* the end of input was seen before EHLO went out, or behind it */
	if (read(pair[1], said, sizeof said - 1) > 0)
		assert_string_equal(said, "EHLO [127.0.0.1]\r\n");
	close(pair[1]);
}

/* C-017 */
static void
a_name_with_a_line_end_is_not_said(void **state)
{
	int pair[2];
	char byte;

	(void)state;
	client_init(&client);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[1], "220 x\r\n", 7), 7);
	assert_int_equal(
		client_open(&client, pair[0], SPAN("a\r\nRSET")), CLIENT_HELD);
	assert_int_equal(read(pair[1], &byte, 1), 0);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_its_time_and_no_more),
		cmocka_unit_test(large_messages_have_more),
		cmocka_unit_test(each_phase_has_its_time),
		cmocka_unit_test(without_a_name),
		cmocka_unit_test(a_name_with_a_line_end_is_not_said),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
