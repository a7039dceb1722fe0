/* SPDX-License-Identifier: ISC */
#include "net/exchange.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "control/logins.h"
#include "control/offers.h"
#include "control/tlsclients.h"
#include "net/keeper.h"
#include "net/password.h"
#include "net/scramkey.h"
#include "pure/ascii.h"
#include "pure/authtalk.h"
#include "pure/base64.h"
#include "pure/scram.h"
#include "sys/checkpassword.h"
#include "sys/clock.h"
#include "sys/exploit.h"
#include "sys/io.h"
#include "sys/packet.h"

enum { PROGRAM_MS = 60000 };

/* What is remembered while it lasts; wiped at the end. */
struct exchange {
	int fd;
	int keeper;
	int64_t deadline;
	struct control control;
	struct authtalk first; /* points into `begin` */
	char offered_room[EXCHANGE_MECHANISMS];
	struct buf offered;
	bool plus; /* -PLUS could be done here */
	uint64_t rate;
	char program[LIMIT_CONTROL_LINE + 1];
	char place_room[KEEPER_KEY];
	struct buf place;
	struct logins_table table;
	struct logins logins;
	int listed; /* is the fingerprint one of control/tlsclients? */
	char identity_room[LIMIT_IDENTITY];
	struct buf identity; /* whose it is */
	char begin[AUTHTALK_MAX];
	char packet[AUTHTALK_MAX];
	char line[AUTHTALK_LINE]; /* what the client said, decoded */
};

static struct exchange exchange;

/* What it came to; `words` is the identity for 'k'. */
struct result {
	char letter; /* as in pure/authtalk; 0: smtpd is gone */
	struct span words;
};

static const struct result gone = { 0, SPAN_INIT("") };

static struct result
give(char letter, const char *words)
{
	return (struct result){ letter, span_of(words) };
}

/* A fault of ours, in the words of the control files. */
static struct result
fault(const struct exchange *x)
{
	return give('t', control_error(&x->control));
}

/* --- talking ------------------------------------------------------------ */

static int
tell(int fd, const struct authtalk *talk)
{
	char text[LIMIT_CONTROL_LINE + AUTHTALK_LINE];
	struct buf out = BUF(text);

	authtalk_print(&out, talk);
	if (out.over || out.len == 0)
		return -1;
	return packet_send(fd, buf_text(&out), -1, false);
}

/* Receives a packet into `room`. Returns 0 or -1. */
static int
hear(struct exchange *x, char *room, struct authtalk *talk)
{
	ssize_t n;

	do {
		if (io_wait_read(x->fd, x->deadline, NULL) == -1)
			return -1;
		n = packet_receive(x->fd, room, AUTHTALK_MAX, NULL, false);
	} while (n == -1 && (errno == EAGAIN || errno == EINTR));
	if (n <= 0)
		return -1;
	return authtalk_parse((struct span){ room, (size_t)n }, talk);
}

/* The client's line decoded into x->line. Returns 0, or -1: not base64. */
static int
decode(struct exchange *x, struct span line, struct span *plain)
{
	struct buf out = BUF(x->line);

	if (!span_eq(line, SPAN("=")) && base64_decode(&out, line) == -1)
		return -1;
	*plain = buf_text(&out);
	exploit_seen(*plain);
	return 0;
}

/* Sends a challenge and waits for the answer. Returns 0; else *result is it. */
static int
challenge(struct exchange *x, struct span text, struct span *plain,
	struct result *result)
{
	char coded[BASE64_LENGTH(SCRAM_MAX)];
	struct buf out = BUF(coded);
	struct authtalk talk;

	base64_encode(&out, text);
	*result = gone;
	if (out.over ||
		tell(x->fd, &(struct authtalk){
				    .challenge = out.len ? buf_text(&out)
							 : SPAN("=") }) == -1)
		return -1;
	if (hear(x, x->packet, &talk) == -1 || talk.response.n == 0)
		return -1;
	if (decode(x, talk.response, plain) == 0)
		return 0;
	*result = give('b', "not base64");
	return -1;
}

/* The initial response, or the answer to an empty challenge. */
static int
begin(struct exchange *x, struct span *plain, struct result *result)
{
	if (x->first.initial.n == 0)
		return challenge(x, SPAN(""), plain, result);
	if (decode(x, x->first.initial, plain) == 0)
		return 0;
	*result = give('b', "not base64");
	return -1;
}

/* --- passwords ---------------------------------------------------------- */

/* An identity in small letters, to be kept until the end. */
static struct result
welcome(struct span name)
{
	static char identity[VERIFIER_NAME];

	for (size_t i = 0; i < name.n; i++)
		identity[i] = ascii_lower(name.p[i]);
	return (struct result){
		'k', {identity, name.n}
	};
}

static struct result
ask_program(struct exchange *x, struct span name, struct span password)
{
	static char words[200];
	int code;

	switch (checkpassword_ask(span_of(x->program), name, password,
		clock_ms() + PROGRAM_MS, &code)) {
	case CHECKPASSWORD_GOOD:
		return welcome(name);
	case CHECKPASSWORD_BAD:
		return give('n', "control/authprogram says no");
	default:
		break;
	}
	if (code == -1)
		snprintf(words, sizeof words,
			"control/authprogram: cannot start it: %s",
			strerror(errno));
	else
		snprintf(words, sizeof words,
			"control/authprogram: it ended with %d (137: after %d "
			"seconds)",
			code, PROGRAM_MS / 1000);
	return give('t', words);
}

/* The name of somebody who is not there stays out of the log: it may be a
 * password in the wrong place. */
static struct result
refuse(const struct exchange *x, bool locked)
{
	static char words[VERIFIER_NAME + 32];

	if (!x->logins.found.there)
		return give('n', "no such login");
	snprintf(words, sizeof words, "%s of login %s",
		locked ? "the lock" : "wrong password", x->logins.found.name);
	return give('n', words);
}

/* The work is the same whoever it is. */
static struct result
check(struct exchange *x, struct span name, struct span password)
{
	struct verifier verifier;
	int good;

	if (!password_valid(password))
		return give('n', "what no password can be: empty, too long, or "
				 "with control characters");
	if (!verifier_name(name))
		return give('n', "what no name of a login can be");
	if (*x->program)
		return ask_program(x, name, password);
	if (logins_find(&x->control, &x->table, name, &x->logins) == -1)
		return fault(x);
	login_verifier(
		x->logins.found.there ? &x->logins.found : &x->logins.other,
		&verifier);
	good = password_check(&verifier, password);
	if (good == -1)
		return give('t', "control/logins: crypt(3) does not know the "
				 "method of a hash; postern check says whose");
	if (good && x->logins.found.there && !verifier.locked)
		return welcome(name);
	return refuse(x, good && verifier.locked);
}

/* authzid NUL authcid NUL password (RFC 4616 2; A-012). */
static struct result
plain(struct exchange *x)
{
	struct result result;
	struct span rest;
	struct span part[3];

	if (begin(x, &rest, &result) == -1)
		return result;
	if (!utf8_valid(rest))
		return give('b', "not UTF-8");
	for (size_t i = 0; i < LEN(part); i++) {
		size_t end = span_find(rest, '\0');

		if ((end == rest.n) != (i == 2))
			return give('b', "not a message of PLAIN");
		part[i] = span_head(rest, end);
		rest = span_from(rest, end + 1);
	}
	if (part[0].n && !span_eq_nocase(part[0], part[1]))
		return give('n', "it wants to act for another login");
	return check(x, part[1], part[2]);
}

/* draft-murchison-sasl-login. */
static struct result
login(struct exchange *x)
{
	char name[VERIFIER_NAME];
	struct buf kept = BUF(name);
	struct result result;
	struct span text;

	if (x->first.initial.n) {
		if (begin(x, &text, &result) == -1)
			return result;
	} else if (challenge(x, SPAN("Username:"), &text, &result) == -1) {
		return result;
	}
	buf_span(&kept, text);
	if (kept.over)
		return give('b', "a name that is too long");
	if (challenge(x, SPAN("Password:"), &text, &result) == -1)
		return result;
	return check(x, buf_text(&kept), text);
}

/* --- SCRAM -------------------------------------------------------------- */

/* The data of the channel binding that the client names, in hex; empty: none
 * such here. */
static struct span
binding_data(const struct exchange *x, struct span cbname)
{
	if (span_eq(cbname, SPAN("tls-exporter")))
		return x->first.exporter;
	if (span_eq(cbname, SPAN("tls-server-end-point")))
		return x->first.endpoint;
	return SPAN("");
}

/* Is what the client bound itself to the header it sent, and this channel? */
static bool
binding_right(struct exchange *x, const struct scram_first *first,
	const struct scram_final *final)
{
	char said_room[SCRAM_MAX];
	char true_room[SCRAM_MAX];
	struct buf said = BUF(said_room);
	struct buf truth = BUF(true_room);
	struct span hex = binding_data(x, first->cbname);

	buf_span(&truth, first->header);
	if (first->binding == 'p') {
		if (hex.n == 0 || hex.n % 2)
			return false;
		for (size_t i = 0; i < hex.n; i += 2)
			buf_char(&truth, (char)(ascii_hex(hex.p[i]) << 4 |
						 ascii_hex(hex.p[i + 1])));
	}
	return !truth.over && base64_decode(&said, final->binding) == 0 &&
	       scramkey_same(buf_text(&said), buf_text(&truth));
}

/* A salt for a name that is not there: always the same one for that name, and
 * as long as those of others. Its key is the first line of the table:
 * `postern passwd` makes one that nobody can log in with, and keeps it. */
static int
invent_salt(const struct exchange *x, struct span name, size_t length,
	struct buf *out)
{
	char lower[VERIFIER_NAME];
	uint8_t sum[SCRAMKEY_LENGTH];
	const struct login *first = &x->logins.first;

	for (size_t i = 0; i < name.n; i++)
		lower[i] = ascii_lower(name.p[i]);
	for (size_t had = 0; had < length; had += sizeof sum) {
		if (scramkey_sign(sum,
			    (struct span){ first->text, first->length },
			    (struct span){ lower, name.n }) == -1)
			return -1;
		buf_span(out, span_head((struct span){ (const char *)sum,
						sizeof sum },
				      length - had));
	}
	return 0;
}

/* The answer to client-first: nonce, salt, iterations. */
static int
print_challenge(const struct exchange *x, const struct scram_first *first,
	struct span name, const struct verifier *verifier, struct buf *out)
{
	char chance[SCRAM_NONCE / 4 * 3];
	char nonce_room[SCRAM_NONCE_MAX + SCRAM_NONCE];
	char salt_room[2 * VERIFIER_SALT];
	char coded_room[4 * VERIFIER_SALT];
	struct buf nonce = BUF(nonce_room);
	struct buf salt = BUF(salt_room);
	struct buf coded = BUF(coded_room);
	char had_room[VERIFIER_SALT];
	struct buf had = BUF(had_room);

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		return -1;
	buf_span(&nonce, first->nonce);
	base64_encode(&nonce, (struct span){ chance, sizeof chance });
	(void)base64_decode(&had, verifier->salt);
	if (invent_salt(x, name, had.len, &salt) == -1)
		return -1;
	base64_encode(&coded, buf_text(&salt));
	scram_challenge_print(
		out, &(struct scram_challenge){ buf_text(&nonce),
			     x->logins.found.there ? verifier->salt
						   : buf_text(&coded),
			     verifier->iterations });
	return out->over ? -1 : 0;
}

/* What of client-first is wrong before anything is looked up. */
static struct result
judge_first(const struct exchange *x, const struct scram_first *first,
	bool bound, struct buf *name)
{
	char zid_room[SCRAM_MAX];
	struct buf zid = BUF(zid_room);

	if ((first->binding == 'p') != bound)
		return give('b', bound ? "-PLUS without a channel binding"
				       : "a channel binding without -PLUS");
	if (first->binding == 'y' && x->plus)
		return give('n', "the client was not shown that -PLUS is "
				 "offered: somebody stands in between");
	if (bound && binding_data(x, first->cbname).n == 0)
		return give('n', "a channel binding of a kind that is not "
				 "known here");
	if (scram_name_plain(name, first->user) == -1 || name->over ||
		!verifier_name(buf_text(name)))
		return give('n', "what no name of a login can be");
	if (first->authzid.n &&
		(scram_name_plain(&zid, first->authzid) == -1 ||
			!span_eq_nocase(buf_text(&zid), buf_text(name))))
		return give('n', "it wants to act for another login");
	return give('k', "");
}

/* Judges client-final. 'k': the proof is right, and *sign the signature. */
static struct result
judge_final(struct exchange *x, const struct scram_first *first,
	struct span asked, struct span text, const struct verifier *verifier,
	struct buf *sign)
{
	char message_room[3 * SCRAM_MAX];
	char proof_room[VERIFIER_SALT];
	char key_room[2][VERIFIER_SALT];
	uint8_t signature[SCRAMKEY_LENGTH];
	struct buf message = BUF(message_room);
	struct buf proof = BUF(proof_room);
	struct buf stored = BUF(key_room[0]);
	struct buf server = BUF(key_room[1]);
	struct scram_challenge sent;
	struct scram_final final;
	bool proved;

	if (scram_final_parse(text, &final) == -1 ||
		base64_decode(&proof, final.proof) == -1 ||
		scram_challenge_parse(asked, first->nonce, &sent) == -1)
		return give('b', "not a message of SCRAM");
	(void)base64_decode(&stored, verifier->stored);
	(void)base64_decode(&server, verifier->server);
	scram_message(&message, first->bare, asked, final.unproved);
	proved = !message.over && scramkey_proved((const uint8_t *)stored.p,
					  buf_text(&message), buf_text(&proof));
	if (scramkey_sign(signature, buf_text(&server), buf_text(&message)) ==
		-1)
		return give('t', "no memory");
	base64_encode(sign,
		(struct span){ (const char *)signature, sizeof signature });
	OPENSSL_cleanse(key_room, sizeof key_room);
	if (!binding_right(x, first, &final))
		return give('n', "the channel binding is not that of this "
				 "connection: somebody stands in between");
	if (!span_eq(final.nonce, sent.nonce))
		return give('n', "not our nonce");
	if (!proved || !x->logins.found.there || verifier->locked)
		return refuse(x, proved && verifier->locked);
	return give('k', "");
}

static struct result
scram(struct exchange *x, bool bound)
{
	static char first_room[SCRAM_MAX];
	char asked_room[SCRAM_MAX];
	char name_room[VERIFIER_NAME];
	char end_room[VERIFIER_SALT] = "v=";
	struct buf copy = BUF(first_room);
	struct buf asked = BUF(asked_room);
	struct buf name = BUF(name_room);
	struct buf end = { end_room, sizeof end_room, 2, false };
	struct scram_first first;
	struct verifier verifier;
	struct result result;
	struct span text;

	if (begin(x, &text, &result) == -1)
		return result;
	buf_span(&copy, text);
	if (copy.over || scram_first_parse(buf_text(&copy), &first) == -1)
		return give('b', "not a message of SCRAM");
	result = judge_first(x, &first, bound, &name);
	if (result.letter != 'k')
		return result;
	if (logins_find(&x->control, &x->table, buf_text(&name), &x->logins) ==
		-1)
		return fault(x);
	login_verifier(
		x->logins.found.there ? &x->logins.found : &x->logins.other,
		&verifier);
	if (!verifier.scram)
		return give('w', "a login has no verifier of SCRAM");
	if (print_challenge(x, &first, buf_text(&name), &verifier, &asked) ==
		-1)
		return give('t', "no random octets");
	if (challenge(x, buf_text(&asked), &text, &result) == -1)
		return result;
	result =
		judge_final(x, &first, buf_text(&asked), text, &verifier, &end);
	if (result.letter != 'k')
		return result;
	if (challenge(x, buf_text(&end), &text, &result) == -1)
		return result;
	return text.n ? give('b', "more after the last message")
		      : welcome(buf_text(&name));
}

/* --- certificates ------------------------------------------------------- */

/* what a certificate says about itself counts for nothing. */
static struct result
external(struct exchange *x)
{
	struct result result;
	struct span authzid;

	if (begin(x, &authzid, &result) == -1)
		return result;
	if (x->first.fingerprint.n == 0)
		return give('n', "no certificate");
	if (!x->listed || x->identity.over)
		return give('n', "a certificate that control/tlsclients does "
				 "not list");
	if (authzid.n && !span_eq_nocase(authzid, buf_text(&x->identity)))
		return give('n', "it wants to act for another login");
	return (struct result){ 'k', buf_text(&x->identity) };
}

/* --- the whole ---------------------------------------------------------- */

/* What each mechanism needs. */
enum need { NEED_PASSWORDS, NEED_VERIFIERS, NEED_CLIENTS };

static struct result
scram_free(struct exchange *x)
{
	return scram(x, false);
}

static struct result
scram_bound(struct exchange *x)
{
	return scram(x, true);
}

static const struct row {
	enum need need;
	struct result (*run)(struct exchange *x);
} rows[OFFERS] = {
	[OFFER_PLAIN] = {NEED_PASSWORDS,  plain      },
	[OFFER_LOGIN] = { NEED_PASSWORDS, login      },
	[OFFER_SCRAM] = { NEED_VERIFIERS, scram_free },
	[OFFER_SCRAM_PLUS] = { NEED_VERIFIERS, scram_bound},
	[OFFER_EXTERNAL] = { NEED_CLIENTS,   external   },
};

/* What can be had. Returns 0 or -1. */
static int
read_needs(struct control *c, struct logins_table *table,
	bool has[NEED_CLIENTS + 1])
{
	static struct logins logins;
	char program[LIMIT_CONTROL_LINE + 1];
	int given =
		control_line(c, CONTROL_AUTHPROGRAM, program, sizeof program);

	if (given == -1 || logins_find(c, table, SPAN(""), &logins) == -1)
		return -1;
	has[NEED_PASSWORDS] = given || logins.count;
	has[NEED_VERIFIERS] = !given && logins.count && logins.scram;
	has[NEED_CLIENTS] =
		c->text[CONTROL_TLSCLIENTS] || c->cdb[CONTROL_TLSCLIENTS];
	OPENSSL_cleanse(&logins, sizeof logins);
	return 0;
}

/* exchange_mechanisms() with the logins open. */
static int
print_mechanisms(struct control *c, struct logins_table *table, struct buf *out)
{
	bool allowed[OFFERS];
	bool has[NEED_CLIENTS + 1];
	size_t start = out->len;

	if (offers_read(c, allowed) == -1 || read_needs(c, table, has) == -1)
		return -1;
	for (size_t i = 0; i < OFFERS; i++) {
		if (!allowed[i] || !has[rows[i].need])
			continue;
		if (out->len > start)
			buf_char(out, ' ');
		buf_str(out, offer_name((enum offer)i));
	}
	if (out->len > start)
		return 1;
	control_fail(c, control_file(CONTROL_LOGINS)->name, 0,
		"nobody can log in; `postern passwd NAME` makes a login");
	return 0;
}

int
exchange_mechanisms(struct control *c, struct buf *out)
{
	struct logins_table table;
	int result;

	if (logins_open(c, &table) == -1)
		return -1;
	result = print_mechanisms(c, &table, out);
	logins_close(&table);
	return result;
}

int
exchange_greet(int fd, const struct control *c, int can, struct span names)
{
	struct authtalk talk = { .mechanisms = SPAN("") };

	if (can == 1)
		talk.mechanisms = names;
	else
		talk.later = span_of(control_error(c));
	return tell(fd, &talk);
}

/* Is that login allowed to send so much? */
static struct result
judge_rate(struct exchange *x)
{
	struct keeper_answer answer;
	uint64_t number;

	if (span_number(x->first.rcpts, &number) != 0 || number > UINT32_MAX)
		return give('t', "smtpd and auth are not of one release");
	if (x->rate && x->keeper == -1)
		return give('t', "userrate needs the service postern-auth");
	if (keeper_ask(x->keeper, KEEPER_SENDS, x->first.user, (uint32_t)number,
		    &answer) == -1)
		return give('t', "postern-auth was stopped");
	return answer.yes ? (struct result){ 'k', x->first.user }
			  : give('l', "over control/userrate for this hour");
}

/* Runs the mechanism, if it is one of those that were offered. */
static struct result
judge_login(struct exchange *x)
{
	enum offer wanted = offer_find(x->first.mechanism);
	struct keeper_answer answer;
	bool there = false;
	struct span rest;

	if (keeper_ask(x->keeper, KEEPER_MAY, buf_text(&x->place), 0,
		    &answer) == -1)
		return give('t', "postern-auth was stopped");
	if (!answer.yes)
		return give('l', "too many failures from that address "
				 "(control/authlimit)");
	for (rest = buf_text(&x->offered); rest.n;) {
		struct span name = span_head(rest, span_find(rest, ' '));

		there |= offer_find(name) == wanted;
		x->plus |= offer_find(name) == OFFER_SCRAM_PLUS &&
			   (x->first.exporter.n || x->first.endpoint.n);
		rest = span_from(rest, name.n + 1);
	}
	if (!there)
		return give('w', "a mechanism that was not offered");
	return rows[wanted].run(x);
}

/* Failures cost time, and do not cost the memory of smtpd's session alone. */
static struct result
after_failure(struct exchange *x, struct result result)
{
	struct keeper_answer answer;

	if (keeper_ask(x->keeper, KEEPER_FAILED, buf_text(&x->place), 0,
		    &answer) == 0 &&
		answer.delay_ms)
		(void)usleep(answer.delay_ms * 1000);
	return result;
}

static void
report(struct exchange *x, struct result result)
{
	struct authtalk talk = { .mechanisms = SPAN("") };
	const struct {
		char letter;
		struct span *where;
	} words[] = {
		{'k',  &talk.identity},
		{ 'n', &talk.refused },
		{ 'b', &talk.broken  },
		{ 'w', &talk.weak    },
		{ 't', &talk.later   },
		{ 'l', &talk.limited },
	};

	for (size_t i = 0; i < LEN(words); i++)
		if (words[i].letter == result.letter) {
			*words[i].where = result.words;
			(void)tell(x->fd, &talk);
		}
}

/* Reads all that is needed of the control files, before a word of the client
 * is looked at. Returns 0 or -1. */
static int
read_files(struct exchange *x)
{
	struct control *c = &x->control;
	unsigned line;

	if (control_open(c) == -1 ||
		control_line(c, CONTROL_AUTHPROGRAM, x->program,
			sizeof x->program) == -1 ||
		control_number(c, CONTROL_USERRATE, &x->rate) == -1)
		return -1;
	if (x->first.mechanism.n == 0)
		return 0;
	if (logins_open(c, &x->table) == -1 ||
		print_mechanisms(c, &x->table, &x->offered) != 1)
		return -1;
	x->listed =
		tlsclients_find(c, x->first.fingerprint, &x->identity, &line);
	return x->listed == -1 ? -1 : 0;
}

static struct result
converse(struct exchange *x, exchange_before *before)
{
	struct result result;

	if (hear(x, x->begin, &x->first) == -1 ||
		(x->first.mechanism.n == 0 && x->first.user.n == 0))
		return gone;
	if (read_files(x) == -1)
		return fault(x);
	keeper_place(&x->place, x->first.client);
	if (before)
		before(*x->program != '\0');
	if (x->first.mechanism.n == 0)
		return judge_rate(x);
	result = judge_login(x);
	return result.letter == 'n' ? after_failure(x, result) : result;
}

void
exchange_run(int fd, int keeper, exchange_before *before)
{
	struct exchange *x = &exchange;

	*x = (struct exchange){ .fd = fd,
		.keeper = keeper,
		.control = { .dir = -1 },
		.deadline = clock_ms() + EXCHANGE_SECONDS * 1000 };
	x->place = BUF(x->place_room);
	x->offered = BUF(x->offered_room);
	x->identity = BUF(x->identity_room);
	report(x, converse(x, before));
	logins_close(&x->table);
	control_close(&x->control);
	OPENSSL_cleanse(x, sizeof *x);
}
