/* SPDX-License-Identifier: ISC */
#include "net/tlswire.h"

#include <errno.h>
#include <sys/socket.h>

static bool
passes(int error)
{
	return error == EAGAIN || error == EINTR;
}

static int
wire_read(BIO *bio, char *out, int n)
{
	struct tlswire *wire = BIO_get_data(bio);
	size_t room = n > 0 ? (size_t)n : 0;
	ssize_t got;

	BIO_clear_retry_flags(bio);
	if (wire->budget == 0) {
		wire->spent = true;
		return -1;
	}
	got = recv(wire->fd, out, room < wire->budget ? room : wire->budget,
		MSG_DONTWAIT);
	if (got == -1 && passes(errno))
		BIO_set_retry_read(bio);
	if (got == 0)
		wire->ended = true;
	if (got > 0)
		wire->budget -= (size_t)got;
	return (int)got;
}

static int
wire_write(BIO *bio, const char *from, int n)
{
	struct tlswire *wire = BIO_get_data(bio);
	ssize_t put = send(wire->fd, from, n > 0 ? (size_t)n : 0,
		MSG_DONTWAIT | MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (put == -1 && passes(errno))
		BIO_set_retry_write(bio);
	return (int)put;
}

static long
wire_control(BIO *bio, int command, long n, void *p)
{
	const struct tlswire *wire = BIO_get_data(bio);

	(void)n;
	(void)p;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return wire->ended;
	default:
		return 0;
	}
}

/* One for the life of the process. */
static const BIO_METHOD *
method(void)
{
	static BIO_METHOD *made;

	if (made)
		return made;
	made = BIO_meth_new(
		BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tlswire");
	if (!made || BIO_meth_set_read(made, wire_read) != 1 ||
		BIO_meth_set_write(made, wire_write) != 1 ||
		BIO_meth_set_ctrl(made, wire_control) != 1)
		return NULL;
	return made;
}

BIO *
tlswire_open(struct tlswire *wire, int fd)
{
	const BIO_METHOD *m = method();
	BIO *bio = m ? BIO_new(m) : NULL;

	*wire = (struct tlswire){ .fd = fd, .budget = TLSWIRE_BUDGET };
	if (!bio)
		return NULL;
	BIO_set_data(bio, wire);
	BIO_set_init(bio, 1);
	return bio;
}

void
tlswire_useful(struct tlswire *wire)
{
	wire->budget = TLSWIRE_BUDGET;
}
