/* SPDX-License-Identifier: ISC */
#include "pure/dsn.h"

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/command.h"
#include "pure/date.h"
#include "pure/limits.h"
#include "pure/xtext.h"

/* --- text that stays where it belongs --- */

/* Lines of limited length: where the line at hand begins in out. */
struct wrap {
	struct buf *out;
	size_t start;
	const char *indent; /* of the lines that follow */
	bool utf8;
	bool begun; /* the line has a word */
};

static void
wrap_line(struct wrap *w)
{
	buf_str(w->out, "\r\n");
	w->start = w->out->len;
	buf_str(w->out, w->indent);
	w->begun = false;
}

static void
wrap_word(struct wrap *w, struct span word, bool utf8)
{
	if (w->begun && w->out->len - w->start + 1 + word.n > DSN_LINE)
		wrap_line(w);
	else if (w->begun)
		buf_char(w->out, ' ');
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		/* not inside of a character, where there are any */
		bool first = !utf8 || ((unsigned char)c & 0xc0) != 0x80;

		if (w->out->len - w->start >= DSN_WORD && first)
			wrap_line(w);
		buf_char(w->out,
			ascii_visible(c) || (ascii_high(c) && utf8) ? c : '?');
	}
	w->begun = true;
}

/* Appends text word by word. */
static void
wrap_text(struct wrap *w, struct span text)
{
	bool utf8 = w->utf8 && utf8_valid(text);

	while (text.n) {
		size_t space = span_find(text, ' ');

		if (space)
			wrap_word(w, span_head(text, space), utf8);
		text = span_from(text, space + 1);
	}
}

/* A line of the first part, broken into several where it is long. */
static void
put_line(struct buf *out, const char *indent, struct span text, bool utf8)
{
	struct wrap w = { out, out->len, indent, utf8, false };

	buf_str(out, indent);
	wrap_text(&w, text);
	buf_str(out, "\r\n");
}

static void
put_field(struct buf *out, const char *name, struct span value, bool utf8)
{
	struct wrap w = { out, out->len, " ", utf8, true };

	buf_str(out, name);
	buf_char(out, ':');
	wrap_text(&w, value);
	buf_str(out, "\r\n");
}

static void
put_date(struct buf *out, const char *name, int64_t seconds)
{
	buf_str(out, name);
	buf_str(out, ": ");
	date_print(out, seconds);
	buf_str(out, "\r\n");
}

/* --- addresses --- */

/* One UTF-8 character off a valid text. */
static uint32_t
take_character(struct span *text)
{
	unsigned char c = (unsigned char)text->p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? c : c & (0x7fU >> n);

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)text->p[i] & 0x3f);
	*text = span_from(*text, n);
	return code;
}

/* RFC 6533 3: + = \ and all that is not ASCII as \x{HEX}. */
static void
put_unicode_xtext(struct buf *out, struct span text)
{
	while (text.n) {
		uint32_t code = take_character(&text);
		unsigned digits = code > 0xfffff  ? 6
				  : code > 0xffff ? 5
				  : code > 0xfff  ? 4
				  : code > 0xff   ? 3
						  : 2;
		size_t at;

		if (code > 0x20 && code < 0x7f && code != '+' && code != '=' &&
			code != '\\') {
			buf_char(out, (char)code);
			continue;
		}
		buf_str(out, "\\x{");
		at = out->len;
		buf_hex(out, code, digits);
		for (; at < out->len; at++)
			if (ascii_alpha(out->p[at]))
				out->p[at] = (char)(out->p[at] - 'a' + 'A');
		buf_char(out, '}');
	}
}

/* An address of a known type; UTF-8 as it is, or spelt in ASCII. */
static void
put_typed(struct buf *out, const char *name, struct span type,
	struct span address, bool utf8)
{
	char text[6 * LIMIT_RECORD];
	struct buf b = BUF(text);
	bool high = ascii_has_high(address);

	if (high)
		type = SPAN("utf-8");
	buf_span(&b, type);
	buf_str(&b, "; ");
	if (high && utf8_valid(address) && !utf8)
		put_unicode_xtext(&b, address);
	else
		buf_span(&b, address);
	put_field(out, name, buf_text(&b), utf8);
}

/* The address with its local part quoted where it must be, in brackets, and
 * without control bytes. */
static struct span
bracketed(struct buf *out, struct span address)
{
	command_path(out, address);
	for (size_t i = 0; i < out->len; i++)
		if (ascii_control(out->p[i]))
			out->p[i] = '?';
	return buf_text(out);
}

static struct span
unbracketed(struct buf *out, struct span address)
{
	struct span path = bracketed(out, address);

	return span_head(span_from(path, 1), path.n - 2);
}

/* --- the header and the words --- */

static bool
has(const struct dsn *dsn, enum dsn_action action)
{
	return dsn->actions >> action & 1;
}

static const char *
subject_of(const struct dsn *dsn)
{
	if (dsn->to_admin)
		return "Undeliverable mail that has no sender to tell";
	if (has(dsn, DSN_FAILED))
		return "Your message could not be delivered";
	if (has(dsn, DSN_DELAYED))
		return "Your message is delayed";
	return has(dsn, DSN_DELIVERED) ? "Your message was delivered"
				       : "Your message was passed on";
}

static void
put_boundary(struct buf *out, const struct dsn *dsn, const char *tail)
{
	buf_str(out, "\r\n--");
	buf_span(out, dsn->boundary);
	buf_str(out, tail);
	buf_str(out, "\r\n");
}

/* What the header asks of whoever relays the report. */
static void
put_mime(struct buf *out, const struct dsn *dsn)
{
	buf_str(out, "MIME-Version: 1.0\r\n"
		     "Content-Type: multipart/report;\r\n"
		     " report-type=delivery-status;\r\n boundary=\"");
	buf_span(out, dsn->boundary);
	buf_str(out, "\"\r\n");
	if (dsn->eight_bit)
		buf_str(out, "Content-Transfer-Encoding: 8bit\r\n");
}

static void
put_intro(struct buf *out, const struct dsn *dsn)
{
	char line[LIMIT_DOMAIN + 64];
	struct buf b = BUF(line);

	buf_str(&b, "This is the mail system at ");
	buf_span(&b, dsn->host);
	buf_char(&b, '.');
	put_line(out, "", buf_text(&b), dsn->utf8);
	if (dsn->to_admin)
		buf_str(out,
			"\r\nThe message below cannot be delivered, and its "
			"sender cannot be told: it\r\nhas none, or is itself a "
			"report. You are told because "
			"control/doublebounceto\r\n"
			"names you.\r\n");
}

void
dsn_head(struct buf *out, const struct dsn *dsn)
{
	char path[LIMIT_RECORD * 2];
	struct buf from = BUF(path);
	struct buf to = BUF(path);

	put_date(out, "Date", dsn->now);
	buf_str(out, "From: Mail system\r\n ");
	buf_span(out, bracketed(&from, dsn->from));
	buf_str(out, "\r\nTo:");
	/* a line has an end; the envelope knows who it is for */
	bracketed(&to, dsn->to);
	buf_str(out, "\r\n ");
	buf_span(
		out, to.len <= DSN_WORD ? buf_text(&to) : SPAN("the sender:;"));
	buf_str(out, "\r\nSubject: ");
	buf_str(out, subject_of(dsn));
	buf_str(out, "\r\nMessage-ID: <");
	buf_span(out, dsn->id);
	buf_char(out, '@');
	buf_span(out, address_domain_of(dsn->from));
	buf_str(out, ">\r\nAuto-Submitted: auto-replied\r\n");
	put_mime(out, dsn);
	put_boundary(out, dsn, "");
	buf_str(out, dsn->eight_bit
			     ? "Content-Type: text/plain; charset=utf-8\r\n"
			       "Content-Transfer-Encoding: 8bit\r\n\r\n"
			     : "Content-Type: text/plain; charset=us-ascii"
			       "\r\n\r\n");
	put_intro(out, dsn);
}

/* What the sender may do about a failure, by subject and detail of its code;
 * the first that fits. */
/* clang-format off */
static const struct {
	struct span code; /* behind the class; ends in . for any detail */
	const char *advice;
} advices[] = {
	{ SPAN_INIT(".1.1"), "Check the address: nobody has it there." },
	{ SPAN_INIT(".1.10"), "Ask the recipient for another address: this "
		"domain takes no mail." },
	{ SPAN_INIT(".1.2"), "Check what follows the @ in the address." },
	{ SPAN_INIT(".1.7"), "Check your own address: it was refused." },
	{ SPAN_INIT(".1.8"), "Check your own address: it was refused." },
	{ SPAN_INIT(".1."), "Check the address." },
	{ SPAN_INIT(".2.2"), "Send it again later, or tell the recipient in "
		"another way that the mailbox is full." },
	{ SPAN_INIT(".2.3"), "Send a smaller message." },
	{ SPAN_INIT(".2."), "Tell the recipient in another way that the "
		"mailbox takes no mail." },
	{ SPAN_INIT(".3.4"), "Send a smaller message." },
	{ SPAN_INIT(".4.6"), "Tell the postmaster of that domain: its mail "
		"goes in a circle." },
	{ SPAN_INIT(".4."), "Send it again later, or ask the recipient for "
		"another address: that mail system cannot be reached." },
	{ SPAN_INIT(".5.3"), "Send it to fewer recipients at a time." },
	{ SPAN_INIT(".6."), "Send it in a simpler form: that mail system "
		"cannot take it as it is." },
	{ SPAN_INIT(".7."), "Ask the recipient, or the postmaster of that "
		"domain: it has rules against this message." },
	{ SPAN_INIT(""), "Ask the postmaster of that domain what these words "
		"mean." },
};
/* clang-format on */

static const char *
advice_of(struct span status)
{
	struct span code = span_from(status, 1);
	size_t i = 0;

	while (advices[i].code.n && !span_eq(advices[i].code, code) &&
		!(advices[i].code.p[advices[i].code.n - 1] == '.' &&
			span_begins_nocase(code, advices[i].code)))
		i++;
	return advices[i].advice;
}

/* clang-format off */
static const struct {
	const char *words;
	const char *field;
	char class;
} actions[] = {
	[DSN_FAILED] = { "Your message could not be delivered to",
		"failed", '5' },
	[DSN_DELAYED] = { "Your message could not be delivered yet to",
		"delayed", '4' },
	[DSN_RELAYED] = { "Your message was passed on, to a system that will "
		"not tell\r\nwhen it arrives, for", "relayed", '2' },
	[DSN_DELIVERED] = { "Your message was delivered to",
		"delivered", '2' },
};
/* clang-format on */

/* "PEER says:" and its words. */
static void
put_said(struct buf *out, const struct dsn_rcpt *rcpt)
{
	char line[512];
	struct buf b = BUF(line);

	if (span_eq(rcpt->peer, SPAN("-")) || rcpt->peer.n > 400) {
		buf_str(&b, "The reason:");
	} else {
		buf_span(&b, rcpt->peer);
		buf_str(&b, " says:");
	}
	put_line(out, "    ", buf_text(&b), false);
	put_line(out, "      ", rcpt->text, false);
}

void
dsn_words(struct buf *out, const struct dsn *dsn, const struct dsn_rcpt *rcpt)
{
	char text[2 * LIMIT_RECORD];
	struct buf b = BUF(text);

	buf_str(out, "\r\n");
	buf_str(out, dsn->to_admin ? "The message could not be delivered to"
				   : actions[rcpt->action].words);
	buf_str(out, "\r\n\r\n");
	/* the longest of all would make a line longer than RFC 5322 allows; the
	 * whole of it stands in Final-Recipient */
	put_line(out, "  ", bracketed(&b, span_head(rcpt->address, 900)),
		dsn->eight_bit);
	put_said(out, rcpt);
	if (rcpt->action == DSN_FAILED && !dsn->to_admin) {
		put_line(out, "    ", span_of(advice_of(rcpt->status)), false);
	} else if (rcpt->action == DSN_DELAYED) {
		b.len = 0;
		buf_str(&b, "You need not do anything: it is tried until ");
		date_print(&b, dsn->until);
		buf_char(&b, '.');
		put_line(out, "    ", buf_text(&b), false);
	}
}

/* --- the fields --- */

void
dsn_status(struct buf *out, const struct dsn *dsn)
{
	char text[LIMIT_ENVID + 1];
	struct buf b = BUF(text);

	buf_str(out, "\r\nWhat follows is the same for programs, and what the "
		     "message was.\r\n");
	put_boundary(out, dsn, "");
	buf_str(out, dsn->utf8 ? "Content-Type: message/global-delivery-status"
				 "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
			       : "Content-Type: message/delivery-status"
				 "\r\n\r\n");
	buf_str(out, "Reporting-MTA: dns; ");
	buf_span(out, dsn->host);
	buf_str(out, "\r\n");
	if (dsn->envid.n) {
		xtext_decode(&b, dsn->envid);
		put_field(out, "Original-Envelope-Id",
			ascii_has_high(buf_text(&b)) ? dsn->envid
						     : buf_text(&b),
			false);
	}
	put_date(out, "Arrival-Date", dsn->arrival);
}

/* type;xtext (RFC 3461 4.2). What decodes to no text that can stand here is
 * left as it came. */
static void
put_original(struct buf *out, const struct dsn *dsn, struct span orcpt)
{
	char text[LIMIT_RECORD];
	struct buf b = BUF(text);
	size_t semicolon = span_find(orcpt, ';');
	struct span type = span_head(orcpt, semicolon);
	struct span coded = span_from(orcpt, semicolon + 1);
	bool high;

	xtext_decode(&b, coded);
	high = ascii_has_high(buf_text(&b));
	if (high && !utf8_valid(buf_text(&b)))
		put_typed(out, "Original-Recipient", type, coded, false);
	else
		put_typed(out, "Original-Recipient", type, buf_text(&b),
			dsn->utf8);
}

/* The peer's name, or its address in brackets. */
static void
put_peer(struct buf *out, struct span peer)
{
	char text[512];
	struct buf b = BUF(text);
	size_t bracket = span_find(peer, '[');

	if (span_eq(peer, SPAN("-")) || peer.n > 400)
		return;
	if (bracket == 0)
		bracket = span_find(peer, ']') + 1;
	else if (bracket == peer.n)
		bracket = span_find(peer, ':');
	buf_str(&b, "dns; ");
	buf_span(&b, span_head(peer, bracket));
	put_field(out, "Remote-MTA", buf_text(&b), false);
}

/* Words of a server begin with its code; others are ours. */
static bool
is_reply(const struct dsn_rcpt *rcpt)
{
	struct span t = rcpt->text;

	return t.n > 3 && t.p[0] >= '2' && t.p[0] <= '5' &&
	       ascii_digit(t.p[1]) && ascii_digit(t.p[2]) && t.p[3] == ' ' &&
	       !span_eq(rcpt->peer, SPAN("-"));
}

static void
put_diagnostic(struct buf *out, const struct dsn_rcpt *rcpt)
{
	char text[2048];
	struct buf b = BUF(text);

	buf_str(&b, is_reply(rcpt) ? "smtp; " : "x-postern; ");
	buf_span(&b, span_head(rcpt->text, 1500));
	put_field(out, "Diagnostic-Code", buf_text(&b), false);
}

static void
put_status(struct buf *out, const struct dsn_rcpt *rcpt)
{
	struct span rest = span_from(rcpt->status, 1);

	buf_str(out, "Status: ");
	buf_char(out, actions[rcpt->action].class);
	buf_span(out, rest.n >= 4 && rest.p[0] == '.' ? rest : SPAN(".0.0"));
	buf_str(out, "\r\n");
}

void
dsn_group(struct buf *out, const struct dsn *dsn, const struct dsn_rcpt *rcpt)
{
	char path[2 * LIMIT_RECORD];
	struct buf b = BUF(path);

	buf_str(out, "\r\n");
	if (rcpt->orcpt.n)
		put_original(out, dsn, rcpt->orcpt);
	put_typed(out, "Final-Recipient", SPAN("rfc822"),
		unbracketed(&b, rcpt->address), dsn->utf8);
	buf_str(out, "Action: ");
	buf_str(out, actions[rcpt->action].field);
	buf_str(out, "\r\n");
	put_status(out, rcpt);
	put_peer(out, rcpt->peer);
	put_diagnostic(out, rcpt);
	put_date(out, "Last-Attempt-Date", rcpt->time);
	if (rcpt->action == DSN_DELAYED)
		put_date(out, "Will-Retry-Until", dsn->until);
}

/* --- the original --- */

void
dsn_original(struct buf *out, const struct dsn *dsn, enum dsn_original what,
	bool eight_bit, bool utf8_header)
{
	static const char *const types[2][2] = {
		[DSN_MESSAGE] = {"message/rfc822",       "message/global"},
		[DSN_HEADER] = { "text/rfc822-headers",
				 "message/global-headers"                },
	};

	put_boundary(out, dsn, "");
	buf_str(out, "Content-Type: ");
	buf_str(out, types[what][utf8_header]);
	buf_str(out, "\r\n");
	if (eight_bit)
		buf_str(out, "Content-Transfer-Encoding: 8bit\r\n");
	buf_str(out, "\r\n");
}

void
dsn_end(struct buf *out, const struct dsn *dsn)
{
	put_boundary(out, dsn, "--");
}
