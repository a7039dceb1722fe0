/* SPDX-License-Identifier: ISC
 *
 * oauth: what is said to a token server, and what its answers mean (RFC 6749,
 * 7636, 8628). No network in here. */
#ifndef NET_OAUTH_H
#define NET_OAUTH_H

#include "pure/buf.h"

struct json_t; /* jansson's */

/* Who asks. */
struct oauth_client {
	struct span id;
	struct span secret; /* empty: there is none */
	bool in_form;       /* id and secret go into the form */
};

/* The requests; each appends a form. */
void oauth_ask_device(
	struct buf *form, const struct oauth_client *client, struct span scope);
void oauth_ask_poll(struct buf *form, const struct oauth_client *client,
	struct span device_code);
void oauth_ask_refresh(struct buf *form, const struct oauth_client *client,
	struct span refresh, struct span scope);
void oauth_ask_client(
	struct buf *form, const struct oauth_client *client, struct span scope);
void oauth_ask_code(struct buf *form, const struct oauth_client *client,
	struct span code, struct span redirect, struct span verifier);

enum oauth_verdict {
	OAUTH_GRANTED,
	OAUTH_PENDING, /* the user has not answered yet */
	OAUTH_SLOWER,  /* the same, and ask 5 seconds slower from now on */
	OAUTH_LATER,   /* no fault of ours: the same request may do later */
	OAUTH_DENIED,  /* the user said no */
	OAUTH_EXPIRED, /* the user did not answer in time */
	OAUTH_GONE,    /* the grant is dead: a person must log in anew */
	OAUTH_WRONG,   /* client, scope or endpoint are not what they must be */
};

/* Spans point into memory of the answer; oauth_done() wipes it. */
struct oauth_answer {
	enum oauth_verdict verdict;
	char why[400];       /* cleaned; "" when granted without a quibble */
	struct span access;  /* when granted */
	struct span refresh; /* may be there although nothing was granted: the
			      * old one is dead then */
	uint64_t expires_in;
	uint64_t refresh_expires_in; /* 0: not said */
	struct span device_code;
	struct span user_code;
	struct span uri;
	uint64_t interval; /* seconds */
	struct json_t *root;
};

/* Prepares the JSON library: what it frees is wiped. Call once. */
void oauth_begin(void);

/* What does the answer of a token endpoint mean, of a device authorization
 * endpoint? Numbers may be strings. A lifetime that is not said is an hour,
 * one that is not understood five minutes, and `why` says so. */
void oauth_read_token(long status, struct span body, struct oauth_answer *out);
void oauth_read_device(long status, struct span body, struct oauth_answer *out);

void oauth_done(struct oauth_answer *answer);

#endif
