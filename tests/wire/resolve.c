/* SPDX-License-Identifier: ISC
 *
 * resolve: print what dns_hosts says about routes, with the control files of
 * POSTERN_HOME.
 *
 *	resolve [-s] [-n OWN-NAME] ROUTE ...
 *
 * -s treats the routes as smarthosts. A line for each route: its verdict and
 * the milliseconds it took; then a line for each host: preference, name,
 * addresses. Exit 0, or 100 when a control file or a route is wrong. */
#include <stdio.h>
#include <unistd.h>

#include "net/dns.h"
#include "sys/clock.h"

static const char *const verdicts[] = {
	[DNS_OK] = "ok",
	[DNS_LATER] = "later",
	[DNS_MUTE] = "mute",
	[DNS_NO_DOMAIN] = "no-domain",
	[DNS_NO_ADDRESS] = "no-address",
	[DNS_ADDRESS_LATER] = "address-later",
	[DNS_NULL_MX] = "null-mx",
	[DNS_LOOP] = "loop",
	[DNS_CONFIG] = "config",
};

static struct dns_host hosts[DNS_HOSTS];

static void
print_host(const struct dns_host *host)
{
	printf("%u %s", host->preference, host->name);
	for (size_t i = 0; i < host->addresses; i++) {
		char text[IP_TEXT + 1];
		struct buf b = BUF(text);

		ip_print(&b, &host->address[i]);
		printf(" %s", buf_cstr(&b));
	}
	putchar('\n');
}

static int
resolve(const char *text, const char *own_name, bool smarthost)
{
	struct route route;
	size_t count;
	int64_t start = clock_ms();
	enum dns_verdict verdict;

	if (route_parse(span_of(text), &route) == -1) {
		fprintf(stderr, "not a route: %s\n", text);
		return 100;
	}
	verdict = dns_hosts(&route, own_name, smarthost, hosts, &count);
	printf("%s %lld\n", verdicts[verdict], (long long)(clock_ms() - start));
	for (size_t i = 0; i < count; i++)
		print_host(&hosts[i]);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *own_name = "";
	bool smarthost = false;
	struct control c;
	int code = 0;
	int option;

	while ((option = getopt(argc, argv, "sn:")) != -1)
		if (option == 's')
			smarthost = true;
		else if (option == 'n')
			own_name = optarg;
		else
			return 100;
	if (control_open(&c) == -1 || dns_begin(&c) == -1) {
		fprintf(stderr, "%s\n", control_error(&c));
		return 100;
	}
	for (int i = optind; i < argc && code == 0; i++)
		code = resolve(argv[i], own_name, smarthost);
	return code;
}
