/* SPDX-License-Identifier: ISC
 *
 * hosts: addresses that an admin or a container wrote into a file in the form
 * of /etc/hosts (hosts(5)). The C library's way there may ask other sources
 * and wait for them; this one reads the file and nothing else. */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

#include <stdio.h>

#include "pure/ip.h"

/* The addresses of `name` (case does not matter) in the order of the file, at
 * most `max`. The file is read from its beginning, as it is now; NULL: there is
 * none, the DNS is asked then. Lines over 1023 octets and lines that do not
 * begin with an address are passed over. Returns how many there are. */
size_t hosts_find(FILE *f, struct span name, struct ip *out, size_t max);

#endif
