/* SPDX-License-Identifier: ISC */
#include "net/oauth.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

#include "pure/clean.h"
#include "pure/form.h"
#include "pure/limits.h"
#include "pure/token.h"

/* Lifetimes in seconds. */
enum {
	HOUR = 3600,
	NOT_UNDERSTOOD = 300,
	LONGEST = 10 * 365 * 86400,
	DEVICE_INTERVAL = 5, /* RFC 8628 3.2 */
	DEVICE_LONGEST = 3600,
};

#define GRANT_DEVICE "urn:ietf:params:oauth:grant-type:device_code"

static void
wipe_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void
oauth_begin(void)
{
	json_set_alloc_funcs(malloc, wipe_free);
}

/* --- requests --- */

static void
put_client(struct buf *form, const struct oauth_client *client)
{
	if (!client->in_form)
		return;
	form_field(form, "client_id", client->id);
	if (client->secret.n)
		form_field(form, "client_secret", client->secret);
}

void
oauth_ask_device(
	struct buf *form, const struct oauth_client *client, struct span scope)
{
	form_field(form, "client_id", client->id);
	if (scope.n)
		form_field(form, "scope", scope);
}

void
oauth_ask_poll(struct buf *form, const struct oauth_client *client,
	struct span device_code)
{
	form_field(form, "grant_type", SPAN(GRANT_DEVICE));
	form_field(form, "device_code", device_code);
	put_client(form, client);
}

void
oauth_ask_refresh(struct buf *form, const struct oauth_client *client,
	struct span refresh, struct span scope)
{
	form_field(form, "grant_type", SPAN("refresh_token"));
	form_field(form, "refresh_token", refresh);
	if (scope.n)
		form_field(form, "scope", scope);
	put_client(form, client);
}

void
oauth_ask_client(
	struct buf *form, const struct oauth_client *client, struct span scope)
{
	form_field(form, "grant_type", SPAN("client_credentials"));
	if (scope.n)
		form_field(form, "scope", scope);
	put_client(form, client);
}

void
oauth_ask_code(struct buf *form, const struct oauth_client *client,
	struct span code, struct span redirect, struct span verifier)
{
	form_field(form, "grant_type", SPAN("authorization_code"));
	form_field(form, "code", code);
	form_field(form, "redirect_uri", redirect);
	form_field(form, "code_verifier", verifier);
	put_client(form, client);
}

/* --- answers --- */

static void
say(struct oauth_answer *out, const char *ours)
{
	struct buf why = BUF(out->why);

	buf_str(&why, ours);
	buf_cstr(&why);
}

/* Says ours and what the server said, as much of it as fits. */
static void
say_theirs(struct oauth_answer *out, struct span error, struct span words)
{
	struct buf why = { out->why, sizeof out->why - 1, 0, false };

	clean_text(&why, span_head(error, 60));
	words = span_trim(words);
	if (words.n) {
		char text[280];
		struct buf shown = BUF(text);
		size_t end = 0;

		while (end < words.n && end < 250 && words.p[end] != '\r' &&
			words.p[end] != '\n')
			end++;
		clean_text(&shown, span_head(words, end));
		buf_str(&why, ": ");
		buf_span(&why, buf_text(&shown));
	}
	out->why[why.len] = '\0';
}

/* A string member; empty when it is not there or no string. */
static struct span
text_of(const json_t *root, const char *name)
{
	const json_t *member = json_object_get(root, name);

	if (!json_is_string(member))
		return SPAN("");
	return (struct span){ json_string_value(member),
		json_string_length(member) };
}

/* The number before a point, in a string or not. Returns 0, 1 when there is
 * none, -1 when it is not understood. */
static int
number_of(const json_t *root, const char *name, uint64_t *out)
{
	const json_t *member = json_object_get(root, name);
	struct span text;

	if (!member || json_is_null(member))
		return 1;
	if (json_is_number(member)) {
		double value = json_number_value(member);

		if (!(value >= 0))
			return -1;
		*out = value > LONGEST ? LONGEST : (uint64_t)value;
		return 0;
	}
	if (!json_is_string(member))
		return -1;
	text = span_trim(text_of(root, name));
	if (span_number(span_head(text, span_find(text, '.')), out) == -1)
		return -1;
	if (*out > LONGEST)
		*out = LONGEST;
	return 0;
}

/* What the errors mean (RFC 6749 5.2, RFC 8628 3.5, OpenID Connect 3.1.2.6,
 * and what the big ones say beside that). */
static enum oauth_verdict
verdict_of(struct span error)
{
	static const struct {
		struct span error;
		enum oauth_verdict verdict;
	} rows[] = {
		{SPAN_INIT("authorization_pending"),    OAUTH_PENDING},
		{ SPAN_INIT("slow_down"),               OAUTH_SLOWER },
		{ SPAN_INIT("access_denied"),           OAUTH_DENIED },
		{ SPAN_INIT("authorization_declined"),  OAUTH_DENIED },
		{ SPAN_INIT("expired_token"),           OAUTH_EXPIRED},
		{ SPAN_INIT("code_expired"),            OAUTH_EXPIRED},
		{ SPAN_INIT("invalid_grant"),           OAUTH_GONE   },
		{ SPAN_INIT("interaction_required"),    OAUTH_GONE   },
		{ SPAN_INIT("login_required"),          OAUTH_GONE   },
		{ SPAN_INIT("consent_required"),        OAUTH_GONE   },
		{ SPAN_INIT("temporarily_unavailable"), OAUTH_LATER  },
		{ SPAN_INIT("server_error"),            OAUTH_LATER  },
	};

	for (size_t i = 0; i < LEN(rows); i++)
		if (span_eq(error, rows[i].error))
			return rows[i].verdict;
	return OAUTH_WRONG;
}

static void
say_status(struct oauth_answer *out, long status, const char *words)
{
	struct buf why = BUF(out->why);

	buf_str(&why, "HTTP status ");
	buf_number(&why, (uint64_t)status);
	buf_str(&why, words);
	buf_cstr(&why);
}

/* Reads the JSON and the errors, which both endpoints have alike. Returns true
 * when there is more to read. */
static bool
begin(long status, struct span body, struct oauth_answer *out)
{
	struct span error;

	*out = (struct oauth_answer){ .verdict = OAUTH_LATER };
	if (status >= 300 && status < 400) {
		say_status(out, status, ": the endpoint sends us elsewhere");
		return false;
	}
	out->root = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
	error = text_of(out->root, "error");
	if (error.n && status < 500) {
		out->verdict = verdict_of(error);
		if (status == 429 && out->verdict == OAUTH_WRONG)
			out->verdict = OAUTH_LATER;
		say_theirs(out, error, text_of(out->root, "error_description"));
	} else if (status == 400 || status == 401 || status == 403 ||
		   status == 404 || status == 405 || status == 410) {
		out->verdict = OAUTH_WRONG;
		say_status(
			out, status, ": is the address of the endpoint right?");
	} else if (status != 200) {
		say_status(out, status, "");
	} else if (!json_is_object(out->root)) {
		say(out, "the answer is not JSON");
	} else {
		return true;
	}
	return false;
}

static void
take_lifetimes(struct oauth_answer *out)
{
	int found = number_of(out->root, "expires_in", &out->expires_in);

	if (found == 1)
		out->expires_in = HOUR;
	if (found == -1) {
		out->expires_in = NOT_UNDERSTOOD;
		say(out, "expires_in is not understood; five minutes assumed");
	}
	/* Google's and Microsoft's name, and Keycloak's. */
	if (number_of(out->root, "refresh_token_expires_in",
		    &out->refresh_expires_in) != 0 &&
		number_of(out->root, "refresh_expires_in",
			&out->refresh_expires_in) != 0)
		out->refresh_expires_in = 0;
}

void
oauth_read_token(long status, struct span body, struct oauth_answer *out)
{
	struct span type;

	if (!begin(status, body, out))
		return;
	out->access = text_of(out->root, "access_token");
	out->refresh = text_of(out->root, "refresh_token");
	type = text_of(out->root, "token_type");
	take_lifetimes(out);
	if (!token_valid(out->refresh))
		out->refresh = SPAN("");
	if (!token_valid(out->access)) {
		out->access = SPAN("");
		say(out, json_object_get(out->root, "access_token")
				 ? "access_token is not one that can be used"
				 : "the answer has no access_token");
		return;
	}
	if (type.n && !span_eq_nocase(type, SPAN("Bearer"))) {
		say(out, "token_type is not Bearer");
		return;
	}
	out->verdict = OAUTH_GRANTED;
}

void
oauth_read_device(long status, struct span body, struct oauth_answer *out)
{
	if (!begin(status, body, out))
		return;
	out->device_code = text_of(out->root, "device_code");
	out->user_code = text_of(out->root, "user_code");
	out->uri = text_of(out->root, "verification_uri");
	if (out->uri.n == 0) /* Google's */
		out->uri = text_of(out->root, "verification_url");
	if (number_of(out->root, "interval", &out->interval) != 0)
		out->interval = DEVICE_INTERVAL;
	if (number_of(out->root, "expires_in", &out->expires_in) != 0)
		out->expires_in = NOT_UNDERSTOOD;
	if (out->expires_in > DEVICE_LONGEST)
		out->expires_in = DEVICE_LONGEST;
	if (out->interval > out->expires_in)
		out->interval = DEVICE_INTERVAL;
	if (out->interval == 0)
		out->interval = 1;
	if (!token_valid(out->device_code))
		say(out, "the answer has no device_code that can be used");
	else if (out->user_code.n == 0 || out->user_code.n > 100)
		say(out, "the answer has no user_code that can be shown");
	else if (out->uri.n == 0 || out->uri.n > LIMIT_URL)
		say(out, "the answer has no verification_uri");
	else
		out->verdict = OAUTH_GRANTED;
}

void
oauth_done(struct oauth_answer *answer)
{
	json_decref(answer->root);
	explicit_bzero(answer, sizeof *answer);
}
