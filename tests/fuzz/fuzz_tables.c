/* SPDX-License-Identifier: ISC
 *
 * gateway and hosts: any octets as the kernel's routing tables, or as a file
 * of hosts, give an answer, and the same one twice; a host's addresses are no
 * more than there is room for. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#include "net/hosts.h"
#include "sys/gateway.h"

enum { ROOM = 3 };

static void
gateways(const char *path)
{
	const struct gateway_paths paths = {
		.v4 = {"/nonexistent/route", path                },
		.v6 = { path,                "/nonexistent/route"},
	};
	struct ip v4;
	struct ip v6;
	int found;

	MUST(ip_parse(SPAN("192.0.2.1"), &v4) == 0);
	MUST(ip_parse(SPAN("2001:db8::1"), &v6) == 0);
	found = gateway_is(&paths, &v4);
	MUST(found >= -1 && found <= 1 && gateway_is(&paths, &v4) == found);
	found = gateway_is(&paths, &v6);
	MUST(found >= -1 && found <= 1 && gateway_is(&paths, &v6) == found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	char path[32];
	struct ip ip[ROOM];
	FILE *hosts;
	size_t found;

	if (fd == -1)
		fd = memfd_create("tables", MFD_CLOEXEC);
	MUST(ftruncate(fd, 0) == 0);
	MUST(pwrite(fd, data, n, 0) == (ssize_t)n);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	gateways(path);
	hosts = fopen(path, "r");
	MUST(hosts);
	found = hosts_find(hosts, SPAN("smart.example"), ip, ROOM);
	fclose(hosts);
	MUST(found <= ROOM);
	for (size_t i = 0; i < found; i++)
		MUST(ip[i].family == IP_V4 || ip[i].family == IP_V6);
	return 0;
}
