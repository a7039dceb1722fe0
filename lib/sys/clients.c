/* SPDX-License-Identifier: ISC */
#include "sys/clients.h"

#include <stdlib.h>
#include <string.h>

/* Indexes of the pools below begin at 1; 0 is no one. */
struct client {
	pid_t pid;      /* 0: free */
	uint32_t place; /* 0: a local client */
	uint32_t next;
};

/* An address or a /64 with at least one session. */
struct place {
	struct ip ip;
	size_t count;
	uint32_t next;
};

int
clients_open(struct clients *c, size_t total, size_t each, uint64_t seed)
{
	size_t buckets = 16;

	while (buckets < total)
		buckets *= 2;
	*c = (struct clients){ .total = total,
		.each = each,
		.mask = buckets - 1,
		.seed = seed,
		.by_pid = calloc(buckets, sizeof(uint32_t)),
		.by_place = calloc(buckets, sizeof(uint32_t)),
		.client = calloc(total + 1, sizeof(struct client)),
		.place = calloc(total + 1, sizeof(struct place)) };
	if (!c->by_pid || !c->by_place || !c->client || !c->place) {
		clients_close(c);
		return -1;
	}
	for (size_t i = total; i > 0; i--) {
		c->client[i].next = c->free_client;
		c->free_client = (uint32_t)i;
		c->place[i].next = c->free_place;
		c->free_place = (uint32_t)i;
	}
	return 0;
}

void
clients_close(struct clients *c)
{
	free(c->by_pid);
	free(c->by_place);
	free(c->client);
	free(c->place);
	*c = (struct clients){ 0 };
}

/* The part of an address that counts as one client. */
static struct ip
place_of(const struct ip *ip)
{
	struct ip place = *ip;

	if (ip->family == IP_V6)
		memset(place.byte + 8, 0, 8);
	return place;
}

/* A seeded mix of the eight bytes that tell places apart. */
static uint32_t *
place_bucket(const struct clients *c, const struct ip *place)
{
	uint64_t h;

	memcpy(&h, place->byte, sizeof h);
	h = (h ^ c->seed) * 0x9e3779b97f4a7c15U;
	h ^= h >> 32;
	h = (h ^ (c->seed >> 7)) * 0xd6e8feb86659fd93U;
	h ^= h >> 32;
	return &c->by_place[h & c->mask];
}

static uint32_t *
pid_bucket(const struct clients *c, pid_t pid)
{
	return &c->by_pid[(size_t)pid & c->mask];
}

static uint32_t
find_place(const struct clients *c, const struct ip *place)
{
	uint32_t i = *place_bucket(c, place);

	while (i && !ip_eq(&c->place[i].ip, place))
		i = c->place[i].next;
	return i;
}

enum clients_answer
clients_ask(const struct clients *c, const struct ip *ip)
{
	struct ip place = place_of(ip);
	uint32_t i;

	if (c->count >= c->total)
		return CLIENTS_FULL;
	if (ip->family == IP_NONE)
		return CLIENTS_WELCOME;
	i = find_place(c, &place);
	return i && c->place[i].count >= c->each ? CLIENTS_CROWDED
						 : CLIENTS_WELCOME;
}

static uint32_t
enter_place(struct clients *c, const struct ip *place)
{
	uint32_t i = find_place(c, place);

	if (!i) {
		uint32_t *bucket = place_bucket(c, place);

		i = c->free_place;
		c->free_place = c->place[i].next;
		c->place[i] = (struct place){ .ip = *place, .next = *bucket };
		*bucket = i;
	}
	c->place[i].count++;
	return i;
}

static void
leave_place(struct clients *c, uint32_t i)
{
	uint32_t *link;

	if (!i || --c->place[i].count)
		return;
	link = place_bucket(c, &c->place[i].ip);
	while (*link != i)
		link = &c->place[*link].next;
	*link = c->place[i].next;
	c->place[i].next = c->free_place;
	c->free_place = i;
}

void
clients_enter(struct clients *c, pid_t pid, const struct ip *ip)
{
	struct ip place = place_of(ip);
	uint32_t *bucket = pid_bucket(c, pid);
	uint32_t i = c->free_client;

	c->free_client = c->client[i].next;
	c->client[i] = (struct client){ .pid = pid,
		.place = ip->family == IP_NONE ? 0 : enter_place(c, &place),
		.next = *bucket };
	*bucket = i;
	c->count++;
}

int
clients_leave(struct clients *c, pid_t pid)
{
	uint32_t *link = pid_bucket(c, pid);
	uint32_t i;

	while (*link && c->client[*link].pid != pid)
		link = &c->client[*link].next;
	i = *link;
	if (!i)
		return -1;
	*link = c->client[i].next;
	leave_place(c, c->client[i].place);
	c->client[i] = (struct client){ .next = c->free_client };
	c->free_client = i;
	c->count--;
	return 0;
}

void
clients_each(const struct clients *c, void (*each)(pid_t pid))
{
	for (size_t i = 1; i <= c->total; i++)
		if (c->client[i].pid)
			each(c->client[i].pid);
}
