/* SPDX-License-Identifier: ISC
 *
 * job packets and answers, and the packets they travel in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pure/job.h"
#include "sys/packet.h"

#define HEAD "Iid\0M128 5\0W7\0"

static struct job job;

static int
parse(struct span packet)
{
	return job_parse(packet, &job);
}

static void
a_job_comes_back_as_it_went(void **state)
{
	static char text[JOB_PACKET];
	static struct job sent;
	struct buf out = BUF(text);

	(void)state;
	sent = (struct job){
		.id = SPAN("abc"),
		.offset = 128,
		.size = UINT64_MAX,
		.arrival = 1790000000,
		.route = SPAN("[192.0.2.1]:2525"),
		.smarthost = true,
		.first = 3,
		.sender = SPAN("a@example.org"),
		.body = SPAN("8BITMIME"),
		.smtputf8 = true,
		.requiretls = true,
		.envid = SPAN("e+3D"),
		.ret = SPAN("HDRS"),
		.rcpts = 2,
		.rcpt = {{ .address = SPAN("b@example.net"),
				  .notify = SPAN("NEVER"),
				  .orcpt = SPAN("rfc822;b") },
			 { .address = SPAN("c@example.net") }}
	};
	job_print(&out, &sent);
	assert_false(out.over);
	assert_int_equal(parse(buf_text(&out)), 0);
	assert_true(job.size == UINT64_MAX);
	assert_true(job.arrival == 1790000000);
	assert_true(span_eq(job.route, sent.route) && job.smarthost);
	assert_int_equal(job.first, 3);
	assert_true(job.smtputf8 && job.requiretls);
	assert_true(span_eq(job.envid, sent.envid));
	assert_true(span_eq(job.ret, sent.ret));
	assert_int_equal(job.rcpts, 2);
	assert_true(span_eq(job.rcpt[0].notify, SPAN("NEVER")));
	assert_true(span_eq(job.rcpt[0].orcpt, SPAN("rfc822;b")));
	assert_true(span_eq(job.rcpt[1].address, SPAN("c@example.net")));
	assert_int_equal(job.rcpt[1].notify.n, 0);
}

static void
half_a_job_is_no_job(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT(""),
		SPAN_INIT(HEAD "Fa"),
		SPAN_INIT(HEAD "Fa\0"),
		SPAN_INIT(HEAD "Fa\0Tb"),
		SPAN_INIT(HEAD "Tb\0"),
		SPAN_INIT("M128 5\0W7\0Fa\0Tb\0"),
		SPAN_INIT("Iid\0W7\0M128 5\0Fa\0Tb\0"),
		SPAN_INIT("Iid\0M128\0W7\0Fa\0Tb\0"),
		SPAN_INIT("Iid\0M128 5 6\0W7\0Fa\0Tb\0"),
		SPAN_INIT("Iid\0M0128 5\0W7\0Fa\0Tb\0"),
		SPAN_INIT("Iid\0M128 5\0W9223372036854775808\0Fa\0Tb\0"),
		SPAN_INIT(HEAD "Xr\0Ss\0Fa\0Tb\0"),
		SPAN_INIT(HEAD "X\0Fa\0Tb\0"),
		SPAN_INIT(HEAD "K0\0Fa\0Tb\0"),
		SPAN_INIT(HEAD "K8\0Fa\0Tb\0"),
		SPAN_INIT(HEAD "Fa\0Bbinary\0Tb\0"),
		SPAN_INIT(HEAD "Fa\0Uyes\0Tb\0"),
		SPAN_INIT(HEAD "Fa\0T\0"),
		SPAN_INIT(HEAD "Fa\0Tb\0N\0"),
		SPAN_INIT(HEAD "Fa\0Tb\0No\0No\0"),
		SPAN_INIT(HEAD "Fa\0Tb\0B7BIT\0"),
		SPAN_INIT(HEAD "Fa\0Zz\0Tb\0"),
		SPAN_INIT(HEAD "Fa\0Tb\0\0"),
	};

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (parse(bad[i]) != -1)
			fail_msg("row %zu was taken for a job", i);
	assert_int_equal(parse(SPAN(HEAD "F\0Tb\0")), 0);
}

static void
more_recipients_than_a_job_holds(void **state)
{
	static char text[JOB_PACKET];
	struct buf out = BUF(text);

	(void)state;
	buf_span(&out, SPAN(HEAD "F\0"));
	for (size_t i = 0; i < JOB_RCPTS; i++)
		buf_span(&out, SPAN("Tx\0"));
	assert_int_equal(parse(buf_text(&out)), 0);
	buf_span(&out, SPAN("Tx\0"));
	assert_int_equal(parse(buf_text(&out)), -1);
}

/* */
static void
answers_are_read_strictly(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT("d0 2.0.0 - ok"),
		SPAN_INIT("\0"),
		SPAN_INIT("d0 2.0.0 -\0"),
		SPAN_INIT("d0 2.0.0  ok\0"),
		SPAN_INIT("d0 5.0.0 - ok\0"),
		SPAN_INIT("f0 2.0.0 - ok\0"),
		SPAN_INIT("f0 4.0.0 - ok\0"),
		SPAN_INIT("t0 2.0.0 - ok\0"),
		SPAN_INIT("d0 2.0 - ok\0"),
		SPAN_INIT("d0 2.0. - ok\0"),
		SPAN_INIT("d0 2.0.0.0 - ok\0"),
		SPAN_INIT("d0 2.0.1000 - ok\0"),
		SPAN_INIT("d0 20.0.0 - ok\0"),
		SPAN_INIT("d 2.0.0 - ok\0"),
		SPAN_INIT("d-1 2.0.0 - ok\0"),
		SPAN_INIT("d00 2.0.0 - ok\0"),
		SPAN_INIT("d100 2.0.0 - ok\0"),
		SPAN_INIT("d0 2.0.0 - a\nb\0"),
		SPAN_INIT("D0 2.0.0 - ok\0"),
		SPAN_INIT(".k\0"),
		SPAN_INIT(".kx\0"),
		SPAN_INIT(".xu\0"),
		SPAN_INIT(".kuu\0"),
		SPAN_INIT(".ku0\0"),
		SPAN_INIT(".ku8\0"),
		SPAN_INIT(".ku01\0"),
	};
	struct job_answer answer;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct span packet = bad[i];

		if (job_answer_parse(&packet, &answer) != -1)
			fail_msg("row %zu was taken for an answer", i);
	}
}

static void
answers_in_one_packet(void **state)
{
	struct span packet = SPAN("d0 2.0.0 mx.example[192.0.2.1] 250 ok\0"
				  "h99 4.3.5 - \0"
				  ".ku7\0"
				  ".cd\0");
	struct job_answer answer;

	(void)state;
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_int_equal(answer.fate, JOB_DELIVERED);
	assert_true(span_eq(answer.peer, SPAN("mx.example[192.0.2.1]")));
	assert_true(span_eq(answer.text, SPAN("250 ok")));
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_int_equal(answer.fate, JOB_HELD);
	assert_int_equal(answer.rcpt, 99);
	assert_int_equal(answer.text.n, 0);
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_true(answer.end && answer.kept && answer.at == 7);
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_int_equal(answer.at, 0);
	assert_true(answer.end && !answer.kept && answer.hop == 'd');
	assert_int_equal(job_answer_parse(&packet, &answer), 0);
}

/* C-006: what a stranger said cannot make another record. */
static void
words_are_cleaned_and_cut(void **state)
{
	static char text[JOB_ANSWER];
	static char words[JOB_TEXT + 100];
	struct buf out = BUF(text);
	struct job_answer answer = {
		.fate = JOB_FAILED,
		.status = SPAN("5.0.0"),
		.peer = SPAN("a b\n"),
		.text = {words, sizeof words}
	};
	struct span packet;

	(void)state;
	memset(words, 'x', sizeof words);
	words[1] = '\0';
	words[2] = '\n';
	words[3] = '\x80';
	job_answer_print(&out, &answer);
	packet = buf_text(&out);
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_int_equal(packet.n, 0);
	assert_true(span_eq(answer.peer, SPAN("a?b?")));
	assert_int_equal(answer.text.n, JOB_TEXT);
	assert_memory_equal(answer.text.p, "x???x", 5);
}

/* The TLS session stands in front of the answers that came over it. */
static void
an_answer_tells_of_tls(void **state)
{
	static char text[JOB_ANSWER];
	struct buf out = BUF(text);
	struct job_answer answer = { .fate = JOB_DELIVERED,
		.rcpt = 7,
		.status = SPAN("2.0.0"),
		.text = SPAN("ok"),
		.tls = SPAN("TLSv1.3/X/name") };
	struct span packet;

	(void)state;
	job_answer_print(&out, &answer);
	answer.tls = SPAN("");
	job_answer_print(&out, &answer);
	packet = buf_text(&out);
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_true(span_eq(answer.tls, SPAN("TLSv1.3/X/name")));
	assert_int_equal(answer.rcpt, 7);
	assert_int_equal(job_answer_parse(&packet, &answer), 1);
	assert_int_equal(answer.tls.n, 0);
	assert_int_equal(job_answer_parse(&packet, &answer), 0);
	packet = (struct span){ "sx\0.ku", 7 };
	assert_int_equal(job_answer_parse(&packet, &answer), -1);
	packet = (struct span){ "sx", 3 };
	assert_int_equal(job_answer_parse(&packet, &answer), -1);
	packet = (struct span){ "s\0d0 2.0.0 - x", 16 };
	assert_int_equal(job_answer_parse(&packet, &answer), -1);
	packet = (struct span){ "sa b\0d0 2.0.0 - x", 19 };
	assert_int_equal(job_answer_parse(&packet, &answer), -1);
}

static void
an_answer_that_does_not_fit_is_left_out_whole(void **state)
{
	char text[40];
	struct buf out = BUF(text);
	struct job_answer answer = { .fate = JOB_FAILED,
		.status = SPAN("5.0.0"),
		.text = SPAN("twenty octets of it.") };

	(void)state;
	job_answer_print(&out, &answer);
	assert_false(out.over);
	assert_int_equal(out.len, 32);
	job_answer_print(&out, &answer);
	assert_true(out.over);
	assert_int_equal(out.len, 32);
}

static void
a_descriptor_travels_with_a_packet(void **state)
{
	int pair[2];
	int fd;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char got[8];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(packet_receive(pair[1], got, 8, &fd, false), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(packet_send(pair[0], SPAN("hello"), null, true), 0);
	assert_int_equal(packet_receive(pair[1], got, 8, &fd, true), 5);
	assert_memory_equal(got, "hello", 5);
	assert_true(fd != -1 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(packet_send(pair[0], SPAN("a"), -1, false), 0);
	assert_int_equal(packet_receive(pair[1], got, 8, &fd, true), 1);
	assert_int_equal(fd, -1);
	assert_int_equal(packet_send(pair[0], SPAN("too long"), null, true), 0);
	assert_int_equal(packet_receive(pair[1], got, 7, &fd, true), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(fd, -1);
	close(pair[1]);
	assert_int_equal(packet_send(pair[0], SPAN("a"), -1, true), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(packet_receive(pair[0], got, 8, NULL, true), 0);
	close(pair[0]);
	close(null);
}

static void
the_largest_job_fits_the_socket(void **state)
{
	static char big[JOB_PACKET];
	static char got[JOB_PACKET];
	int pair[2];

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(packet_send(pair[0], (struct span){ big, sizeof big },
				 -1, false),
		0);
	assert_int_equal(packet_receive(pair[1], got, sizeof got, NULL, false),
		sizeof got);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_comes_back_as_it_went),
		cmocka_unit_test(half_a_job_is_no_job),
		cmocka_unit_test(more_recipients_than_a_job_holds),
		cmocka_unit_test(answers_are_read_strictly),
		cmocka_unit_test(answers_in_one_packet),
		cmocka_unit_test(words_are_cleaned_and_cut),
		cmocka_unit_test(an_answer_tells_of_tls),
		cmocka_unit_test(an_answer_that_does_not_fit_is_left_out_whole),
		cmocka_unit_test(a_descriptor_travels_with_a_packet),
		cmocka_unit_test(the_largest_job_fits_the_socket),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
