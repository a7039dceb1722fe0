/* SPDX-License-Identifier: ISC */
#include "pure/command.h"

#include "pure/ascii.h"

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(s.p[i]))
			return true;
	return false;
}

/* Ends the line that began at `start`, or takes it back. */
static int
line_finish(struct buf *out, size_t start)
{
	struct span made = span_from(buf_text(out), start);
	bool good = !out->over && !has_control(made);

	buf_span(out, SPAN("\r\n"));
	if (good && !out->over)
		return 0;
	out->len = start;
	out->over = false;
	return -1;
}

/* Appends what must not hold a character that would end it. */
static void
put_without(struct buf *out, struct span value, struct span ends)
{
	for (size_t i = 0; i < ends.n; i++)
		if (span_find(value, ends.p[i]) < value.n)
			out->over = true;
	buf_span(out, value);
}

/* True when a local part needs no quotes: atoms and dots, also where the
 * grammar wants no dot (RFC 5321 4.1.2; 6531 3.3 for the high ones). */
static bool
local_plain(struct span local)
{
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];

		if (!ascii_alnum(c) && !ascii_high(c) &&
			span_find(SPAN("!#$%&'*+-/=?^_`{|}~."), c) == 20)
			return false;
	}
	return local.n > 0;
}

/* True for a quoted string in which every quote and backslash is escaped. */
static bool
local_quoted(struct span local)
{
	size_t i = 1;

	if (local.n < 2 || local.p[0] != '"')
		return false;
	while (i < local.n && local.p[i] != '"')
		i += local.p[i] == '\\' ? 2 : 1;
	return i == local.n - 1;
}

/* <address>, its local part quoted where it must be and is not (C-018). */
void
command_path(struct buf *out, struct span address)
{
	size_t at = address.n;
	struct span local;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	local = span_head(address, at ? at - 1 : address.n);
	buf_char(out, '<');
	if (address.n == 0 || local_plain(local) || local_quoted(local)) {
		buf_span(out, local);
	} else {
		buf_char(out, '"');
		for (size_t i = 0; i < local.n; i++) {
			if (local.p[i] == '"' || local.p[i] == '\\')
				buf_char(out, '\\');
			buf_char(out, local.p[i]);
		}
		buf_char(out, '"');
	}
	put_without(out, span_from(address, local.n), SPAN(" <>"));
	buf_char(out, '>');
}

/* A parameter; a space in its value would begin another. */
static void
put_param(struct buf *out, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	buf_str(out, name);
	put_without(out, value, SPAN(" "));
}

int
command_verb(struct buf *out, const char *verb, struct span argument)
{
	size_t start = out->len;

	buf_str(out, verb);
	if (argument.n)
		buf_char(out, ' ');
	buf_span(out, argument);
	return line_finish(out, start);
}

int
command_mail(struct buf *out, const struct job *job, const struct ehlo *offers,
	uint64_t size, bool eight_bit, bool utf8)
{
	size_t start = out->len;

	buf_str(out, "MAIL FROM:");
	command_path(out, job->sender);
	if (offers->size) {
		buf_str(out, " SIZE=");
		buf_number(out, size);
	}
	if (offers->eight_bit && eight_bit)
		buf_str(out, " BODY=8BITMIME");
	if (offers->smtputf8 && utf8)
		buf_str(out, " SMTPUTF8");
	if (offers->requiretls && job->requiretls)
		buf_str(out, " REQUIRETLS");
	if (offers->dsn) {
		put_param(out, " RET=", job->ret);
		put_param(out, " ENVID=", job->envid);
	}
	return line_finish(out, start);
}

int
command_rcpt(
	struct buf *out, const struct job_rcpt *rcpt, const struct ehlo *offers)
{
	size_t start = out->len;

	buf_str(out, "RCPT TO:");
	command_path(out, rcpt->address);
	if (offers->dsn) {
		put_param(out, " NOTIFY=", rcpt->notify);
		put_param(out, " ORCPT=", rcpt->orcpt);
	}
	return line_finish(out, start);
}
