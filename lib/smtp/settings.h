/* SPDX-License-Identifier: ISC
 *
 * settings: all that a session takes from the control directory. */
#ifndef SMTP_SETTINGS_H
#define SMTP_SETTINGS_H

#include "smtp/inject.h"
#include "smtp/policy.h"
#include "sys/jail.h"

struct settings {
	struct control control; /* open until settings_unload */
	bool surveyed;          /* it is open already */
	struct policy policy;
	struct inject_plan plan;
	char me[LIMIT_DOMAIN + 1]; /* our name, or a literal; never empty */
	char greeting[LIMIT_REPLY - 12]; /* what follows 220 */
	char queue[LIMIT_PATH];          /* the queue directory */
	uint64_t databytes;              /* octets of a message, 0: any */
	uint64_t datarate;               /* octets a second at least, 0: any */
	uint64_t linemax;                /* octets of a line, 0: any */
	uint64_t loosedots;              /* 1: a..b@ is an address */
	uint64_t mailmax;                /* messages of a session */
	uint64_t rcptmax;                /* recipients of a message */
	uint64_t reserve;     /* octets that stay free on the queue's disk */
	uint64_t sessiontime; /* seconds of a session */
	uint64_t timeout;     /* seconds of one wait */
	bool tls;             /* control/tlscert is there */
	bool tlsfirst;        /* before the greeting; set by the caller */
	uint64_t tlsrequired; /* 1: no mail without TLS */
	bool logins;          /* somebody could log in */
	bool submission;      /* a login is required; set by the caller */
	uint64_t authtrace;   /* 1: the Received field names the login */
	uint64_t userrate;    /* recipients of a login an hour, 0: any */
};

/* Reads it all for this peer, over all zeroes but tlsfirst and
 * submission. The settings point
 * into themselves: do not move them. Returns 0, or -1:
 * control_error(&set->control) says why; `me` and `timeout` are set to what a
 * refusal needs. */
int settings_load(struct settings *set, const struct peer *peer, char **env);

/* Is there no program between a message and postern-queue? */
bool settings_want_nothing(const struct settings *set);

/* Will every program that a session may need be asked at its socket, and none
 * be started? */
bool settings_start_nothing(const struct settings *set);

/* The narrowest jail in which a session can do what it may have to. */
enum jail settings_jail(const struct settings *set);

/* Can sessions read what they need inside a jail that was closed before they
 * began? Not where relayfrom asks the routing table, nor where a control file
 * is a link. */
bool settings_read_inside(const struct settings *set);

/* Makes them what they were before settings_load, but with `keep` leaves the
 * control directory open: whoever loads them again, for another peer, looks
 * into its files but not after which there are. */
void settings_unload(struct settings *set, bool keep);

/* May the queue take `size` octets more (0: not known) and keep the reserve?
 * Returns 1, 0, or -1 with errno. */
int settings_space(const struct settings *set, uint64_t size);

#endif
