/* SPDX-License-Identifier: ISC */
#include "smtp/reply.h"

#include "pure/ascii.h"
#include "pure/limits.h"

/* clang-format off */
static const struct reply replies[EVENT_COUNT] = {
[EVENT_HELO]          = { 250, "",      "", THEN_GO_ON },
[EVENT_EHLO]          = { 250, "",      "", THEN_GO_ON },
[EVENT_MAIL]          = { 250, "2.1.0", "sender ok", THEN_GO_ON },
[EVENT_RCPT]          = { 250, "2.1.5", "recipient ok", THEN_GO_ON },
[EVENT_DATA]          = { 354, "",      "go ahead; end with a line that is a dot", THEN_TEXT },
[EVENT_ACCEPTED]      = { 250, "2.0.0", "ok", THEN_GO_ON },
[EVENT_RESET]         = { 250, "2.0.0", "ok", THEN_GO_ON },
[EVENT_NOOP]          = { 250, "2.0.0", "ok", THEN_GO_ON },
[EVENT_VRFY]          = { 252, "2.0.0", "send mail and see", THEN_GO_ON },
[EVENT_HELP]          = { 214, "2.0.0", "postern, a mail relay; see RFC 5321", THEN_GO_ON },
[EVENT_QUIT]          = { 221, "2.0.0", "goodbye", THEN_CLOSE },
[EVENT_STARTTLS]      = { 220, "2.0.0", "go ahead with TLS", THEN_TLS },

[EVENT_UNKNOWN]       = { 500, "5.5.1", "unknown command", THEN_GO_ON },
[EVENT_SYNTAX]        = { 500, "5.5.2", "not a command", THEN_GO_ON },
[EVENT_LONG]          = { 500, "5.5.2", "line too long", THEN_GO_ON },
[EVENT_CONTROL]       = { 501, "5.5.2", "control byte in command", THEN_GO_ON },
[EVENT_EIGHT_BIT]     = { 500, "5.5.2", "8-bit byte in command", THEN_GO_ON },
[EVENT_BARE]          = { 500, "5.5.2", "bare CR or LF in command; lines end with CR LF", THEN_CLOSE },
[EVENT_FLOOD]         = { 421, "4.7.0", "line without end", THEN_CLOSE },
[EVENT_FOREIGN]       = { 500, "5.5.1", "this is SMTP", THEN_CLOSE },
[EVENT_NO_VERB]       = { 502, "5.5.1", "command not implemented", THEN_GO_ON },
[EVENT_BDAT]          = { 502, "5.5.1", "BDAT was not offered", THEN_CLOSE },
[EVENT_ORDER]         = { 503, "5.5.1", "out of order", THEN_GO_ON },
[EVENT_HELO_ARGUMENT] = { 501, "",      "say your host name or address literal", THEN_GO_ON },
[EVENT_ARGUMENT]      = { 501, "5.5.4", "argument missing", THEN_GO_ON },
[EVENT_NO_ARGUMENT]   = { 501, "5.5.4", "no argument allowed", THEN_GO_ON },
[EVENT_PATH]          = { 501, "5.5.2", "say FROM:<address> after MAIL, TO:<address> after RCPT", THEN_GO_ON },
[EVENT_PARAM]         = { 501, "5.5.4", "bad parameter", THEN_GO_ON },
[EVENT_PARAM_UNKNOWN] = { 555, "5.5.4", "parameter not offered", THEN_GO_ON },
[EVENT_EARLY]         = { 554, "5.5.0", "you spoke before the greeting", THEN_CLOSE },
[EVENT_SYNC]          = { 554, "5.5.1", "you did not wait for the reply", THEN_CLOSE },
[EVENT_TLS_LACK]      = { 454, "4.7.0", "TLS is not to be had now; try later", THEN_GO_ON },
[EVENT_TLS_NEEDED]    = { 530, "5.7.0", "say STARTTLS first", THEN_GO_ON },

[EVENT_SENDER_SYNTAX] = { 501, "5.1.7", "bad sender address", THEN_GO_ON },
[EVENT_RCPT_SYNTAX]   = { 501, "5.1.3", "bad recipient address", THEN_GO_ON },
[EVENT_UTF8]          = { 553, "5.6.7", "address needs SMTPUTF8 and valid UTF-8", THEN_GO_ON },
[EVENT_NO_DOMAIN]     = { 550, "5.1.3", "recipient needs a domain", THEN_GO_ON },
[EVENT_BAD_SENDER]    = { 550, "5.7.1", "sender refused; see badmailfrom", THEN_GO_ON },
[EVENT_RELAY]         = { 550, "5.7.1", "relaying denied for", THEN_GO_ON },
[EVENT_ROUTED]        = { 550, "5.7.1", "no routing by % ! @ in local parts", THEN_GO_ON },
[EVENT_NO_USER]       = { 550, "5.1.1", "no such mailbox here", THEN_GO_ON },
[EVENT_NOT_ALLOWED]   = { 550, "5.7.1", "recipient refused; see allowrecipients", THEN_GO_ON },
[EVENT_RCPT_MANY]     = { 452, "4.5.3", "too many recipients; send the others later", THEN_GO_ON },
[EVENT_MAIL_MANY]     = { 421, "4.7.0", "too many messages; connect again", THEN_CLOSE },

[EVENT_TOO_BIG]       = { 552, "5.3.4", "message too big", THEN_GO_ON },
[EVENT_NO_SPACE]      = { 452, "4.3.1", "no space for it now", THEN_GO_ON },
[EVENT_TEXT_BARE]     = { 550, "5.5.2", "bare CR or LF in message; lines end with CR LF", THEN_CLOSE },
[EVENT_TEXT_NUL]      = { 554, "5.6.0", "NUL in message", THEN_GO_ON },
[EVENT_TEXT_LINE]     = { 554, "5.6.0", "line too long in message; see linemax", THEN_GO_ON },
[EVENT_LOOP]          = { 554, "5.4.6", "mail loop: too many Received fields", THEN_GO_ON },
[EVENT_HEADER]        = { 554, "5.6.0", "the header has", THEN_GO_ON },
[EVENT_QUEUE]         = { 451, "4.3.0", "trouble on our side; try later", THEN_GO_ON },
[EVENT_QUEUE_CONFIG]  = { 451, "4.3.5", "trouble in our settings; try later", THEN_GO_ON },
[EVENT_QUEUE_NETWORK] = { 451, "4.4.0", "trouble behind us; try later", THEN_GO_ON },
[EVENT_QUEUE_ADDRESS] = { 554, "5.1.0", "address too long", THEN_GO_ON },
[EVENT_QUEUE_REFUSED] = { 554, "5.7.1", "message refused", THEN_GO_ON },

[EVENT_AUTH]          = { 0,   "",      "", THEN_LOGIN },
[EVENT_AUTH_OK]       = { 235, "2.7.0", "logged in", THEN_GO_ON },
[EVENT_AUTH_FAILED]   = { 535, "5.7.8", "wrong name or password", THEN_GO_ON },
[EVENT_AUTH_BROKEN]   = { 501, "5.5.2", "not base64, or not what the mechanism says", THEN_GO_ON },
[EVENT_AUTH_LONG]     = { 500, "5.5.6", "line too long", THEN_GO_ON },
[EVENT_AUTH_CANCEL]   = { 501, "5.7.0", "login cancelled", THEN_GO_ON },
[EVENT_AUTH_LATER]    = { 454, "4.7.0", "trouble on our side; log in later", THEN_GO_ON },
[EVENT_AUTH_WEAK]     = { 534, "5.7.9", "this mechanism will not do for you", THEN_GO_ON },
[EVENT_AUTH_TLS]      = { 538, "5.7.11", "log in inside TLS only", THEN_GO_ON },
[EVENT_AUTH_UNKNOWN]  = { 504, "5.5.4", "mechanism not offered", THEN_GO_ON },
[EVENT_AUTH_LIMITED]  = { 421, "4.7.0", "too many failed logins from your address", THEN_CLOSE },
[EVENT_AUTH_MANY]     = { 421, "4.7.0", "too many failed logins", THEN_CLOSE },
[EVENT_AUTH_NEEDED]   = { 530, "5.7.0", "log in first", THEN_GO_ON },
[EVENT_NOT_YOURS]     = { 553, "5.7.1", "not a sender of yours; see senders", THEN_GO_ON },
[EVENT_RATE]          = { 450, "4.7.1", "too many recipients this hour; see userrate", THEN_GO_ON },

[EVENT_DENIED]        = { 554, "",      "", THEN_GO_ON },
[EVENT_CONFIG]        = { 421, "4.3.5", "trouble in our settings; try later", THEN_CLOSE },
[EVENT_LOOKUP]        = { 451, "4.3.5", "trouble in our settings; try later", THEN_GO_ON },
[EVENT_TOO_MANY]      = { 421, "4.7.0", "too many errors or idle commands", THEN_CLOSE },
[EVENT_TIMEOUT]       = { 421, "4.4.2", "you were silent too long", THEN_CLOSE },
[EVENT_SLOW]          = { 421, "4.4.2", "you send too slowly", THEN_CLOSE },
[EVENT_SESSION]       = { 421, "4.4.2", "this session has lasted too long", THEN_CLOSE },
[EVENT_SHUTDOWN]      = { 421, "4.3.2", "closing down; try again", THEN_CLOSE },
[EVENT_TLS_FAILED]    = { 0,   "",      "TLS handshake failed", THEN_CLOSE },
[EVENT_GONE]          = { 0,   "",      "client gone", THEN_CLOSE },
};
/* clang-format on */

const struct reply *
reply_of(enum event event)
{
	return &replies[event];
}

/* Appends what a stranger may have had a hand in. */
static void
print_safely(struct buf *line, struct span text)
{
	for (size_t i = 0; i < text.n && line->len < line->cap; i++)
		buf_char(line, ascii_visible(text.p[i]) || text.p[i] == ' '
				       ? text.p[i]
				       : '?');
}

void
reply_print(struct buf *out, const struct reply *reply, struct span detail,
	bool more)
{
	char text[LIMIT_REPLY - 2];
	struct buf line = BUF(text);

	buf_number(&line, reply->code);
	buf_char(&line, more ? '-' : ' ');
	buf_str(&line, reply->enhanced);
	if (*reply->enhanced)
		buf_char(&line, ' ');
	buf_str(&line, reply->text);
	if (*reply->text && detail.n)
		buf_char(&line, ' ');
	print_safely(&line, detail);
	buf_span(out, buf_text(&line));
	buf_str(out, "\r\n");
}
