/* SPDX-License-Identifier: ISC */
#include "net/porch.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"

/* The octets are looked at first and then taken, as many as the header has.
 * Until it is complete all of them are its own, so that no poll comes back at
 * once because of octets that were left. */
enum proxy_verdict
porch_read(struct porch_guest *guest)
{
	char seen[PROXY_HEAD + LIMIT_PROXY];
	ssize_t n = recv(guest->fd, seen, sizeof seen, MSG_PEEK | MSG_DONTWAIT);
	struct span in = { seen, n > 0 ? (size_t)n : 0 };
	enum proxy_verdict verdict;
	size_t taken;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return PROXY_MORE;
	if (n <= 0) {
		guest->header.why = "the connection ended before it";
		return PROXY_BAD;
	}
	verdict = proxy_feed(&guest->header, &in);
	taken = (size_t)n - in.n;
	if (recv(guest->fd, seen, taken, MSG_DONTWAIT) == (ssize_t)taken)
		return verdict;
	guest->header.why = "it cannot be read";
	return PROXY_BAD;
}

void
porch_enter(struct porch *porch, const struct porch_guest *guest)
{
	porch->guest[porch->count++] = *guest;
}

struct porch_guest
porch_leave(struct porch *porch, size_t i)
{
	struct porch_guest guest = porch->guest[i];

	porch->guest[i] = porch->guest[--porch->count];
	return guest;
}

int64_t
porch_deadline(const struct porch *porch)
{
	int64_t first = CLOCK_NEVER;

	for (size_t i = 0; i < porch->count; i++)
		if (porch->guest[i].deadline < first)
			first = porch->guest[i].deadline;
	return first;
}

void
porch_close(struct porch *porch)
{
	while (porch->count)
		close(porch->guest[--porch->count].fd);
}
