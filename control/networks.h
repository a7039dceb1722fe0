/* SPDX-License-Identifier: ISC
 *
 * networks: the control files whose entries are addresses and networks. */
#ifndef CONTROL_NETWORKS_H
#define CONTROL_NETWORKS_H

#include "control/control.h"
#include "pure/ip.h"

enum { NETWORKS_MAX = 256 };

/* A list that is kept. */
struct networks {
	size_t count;
	struct ip_net net[NETWORKS_MAX];
};

/* Reads the entry that control_next gave last. `any` allows a network of
 * everybody (/0). Returns 0, or -1 with the control error set. */
int networks_entry(struct control *c, const struct control_list *list,
	struct span entry, bool any, struct ip_net *out);

/* Reads a whole file, in which a network of everybody is an error. Returns 0,
 * or -1 with the control error set: a wrong line, or too many of them. */
int networks_read(struct networks *n, struct control *c, enum control_id id);

/* Is the address in one of them? One of IP_NONE never is. */
bool networks_have(const struct networks *n, const struct ip *ip);

#endif
