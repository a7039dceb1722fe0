/* SPDX-License-Identifier: ISC
 *
 * clients: who is in the house: the running sessions by process id, counted
 * in total and by where they come from. An IPv6 client is its /64, since that
 * is what one customer gets (RFC 6177); a local client has no address and
 * counts in the total alone. Everything is allocated at the start, in
 * proportion to the total. */
#ifndef SYS_CLIENTS_H
#define SYS_CLIENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pure/ip.h"

struct clients {
	size_t total; /* sessions allowed at once */
	size_t each;  /* of them from one address or /64 */
	size_t count; /* sessions now */

	size_t mask;   /* buckets of both tables, less one */
	uint64_t seed; /* so that nobody can choose addresses that collide */
	uint32_t *by_pid;
	uint32_t *by_place;
	struct client *client; /* total + 1 of them; 0 ends a chain */
	struct place *place;
	uint32_t free_client;
	uint32_t free_place;
};

enum clients_answer {
	CLIENTS_WELCOME,
	CLIENTS_FULL,   /* `total` sessions are running */
	CLIENTS_CROWDED /* `each` sessions come from this place */
};

/* Makes an empty house. total and each are at least 1. `seed` is chance.
 * Returns 0, or -1 with errno. */
int clients_open(struct clients *c, size_t total, size_t each, uint64_t seed);

/* Would one more session from this address be one too many? */
enum clients_answer clients_ask(const struct clients *c, const struct ip *ip);

/* Notes the session of process pid, after clients_ask said welcome. */
void clients_enter(struct clients *c, pid_t pid, const struct ip *ip);

/* The process has ended. Returns 0, or -1 when it was not a session. */
int clients_leave(struct clients *c, pid_t pid);

/* Calls `each` for the process of every session. */
void clients_each(const struct clients *c, void (*each)(pid_t pid));

void clients_close(struct clients *c);

#endif
