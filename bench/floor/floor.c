/* The floor: the least that a client can do for the same transfers. One epoll loop, one send and one recv a request, no URL list, no report.
 *
 *   floor keep  PORT COUNT IN_FLIGHT PREFIX [NAP]   COUNT requests over IN_FLIGHT kept connections
 *   floor churn PORT COUNT IN_FLIGHT PREFIX         COUNT requests, a connection for each, read to its end
 *   floor big   PORT COUNT 1         PATH           COUNT large bodies one after the other, received and dropped
 *
 * With NAP, a time in microseconds, it lets events gather for at most so long, as fetcher does and under the same conditions (GatheringPoller.cs),
 * without trying out whether that delays anything. Request number n asks for PREFIX followed by n. Prints the responses and the bytes of their
 * bodies; ends with 1 if anything went wrong. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, BUFFER = 128 * 1024, HEAD = 4096 };
enum { LEAST_NAP = 50000, NAPS_IN_WAIT = 10, FEW = 16 };    /* as in GatheringPoller.cs */

struct transfer {
    int fd;
    int head_length;    /* bytes of an unfinished header section kept in head */
    long left;          /* bytes of the body still to come, -1 while in the header section */
    long heard;         /* when there was last an event of it, in nanoseconds */
    char head[HEAD];
};

static struct sockaddr_in server;
static int epoll, churn;
static long started, ended, wanted, bytes;
static const char *prefix;
static char buffer[BUFFER];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void ask(struct transfer *t)
{
    char request[512];
    int length = snprintf(request, sizeof request, "GET %s%ld HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: floor\r\nAccept: */*\r\n\r\n",
                          prefix, started++, ntohs(server.sin_port));
    t->left = -1;
    t->head_length = 0;
    if (send(t->fd, request, length, MSG_NOSIGNAL) != length)
        fail("send");
}

static void dial(struct transfer *t)
{
    int on = 1;
    t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (t->fd < 0)
        fail("socket");
    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    /* On loopback connect ends at once; without waiting for it there is one epoll event less. */
    while (connect(t->fd, (struct sockaddr *)&server, sizeof server) < 0)
        if (errno != EADDRNOTAVAIL || usleep(1000) < 0)
            fail("connect");
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = t };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, t->fd, &event) < 0)
        fail("epoll_ctl");
    ask(t);
}

/* Takes in what was received. 1 when the response is complete. */
static int take(struct transfer *t, const char *data, long length)
{
    if (t->left < 0) {
        const char *start = data;
        long available = length;
        if (t->head_length > 0) {
            if (t->head_length + length > HEAD)
                return errno = EMSGSIZE, fail("header section"), 0;
            memcpy(t->head + t->head_length, data, length);
            start = t->head;
            available += t->head_length;
        }
        const char *end = memmem(start, available, "\r\n\r\n", 4);
        if (!end) {
            if (start == data)
                memcpy(t->head, data, length < HEAD ? length : HEAD);
            t->head_length = available;
            return 0;
        }
        const char *field = memmem(start, end - start, "Content-Length: ", 16);
        if (!field || memcmp(start, "HTTP/1.1 200", 12) != 0)
            return errno = EPROTO, fail("response"), 0;
        t->left = atol(field + 16);
        length = start + available - (end + 4);
    }
    bytes += length;
    t->left -= length;
    return t->left <= 0;
}

static void next(struct transfer *t)
{
    ended++;
    if (churn) {
        close(t->fd);
        if (started < wanted)
            dial(t);
    } else if (started < wanted) {
        ask(t);
    }
}

static void on_readable(struct transfer *t, int closed)
{
    for (;;) {
        long received = recv(t->fd, buffer, BUFFER, MSG_DONTWAIT);
        if (received < 0 && errno == EAGAIN)
            return;
        if (received < 0)
            fail("recv");
        if (received == 0) {
            if (!churn || t->left != 0)
                return errno = EPIPE, fail("end"), (void)0;
            next(t);
            return;
        }
        if (take(t, buffer, received) && !churn) {
            next(t);
            return;
        }

        /* A short read has drained the socket, unless the end is still behind it. */
        if (received < BUFFER && !closed)
            return;
    }
}

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* epoll_wait after a nap of at most so many nanoseconds, where events come in a stream. */
static int gather(struct epoll_event *events, long most)
{
    static long last, shortest = LONG_MAX;
    static int stream;
    if (stream && shortest >= NAPS_IN_WAIT * LEAST_NAP) {
        long nap = shortest / NAPS_IN_WAIT;
        clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = nap < most ? nap : most }, NULL);
    }
    int count = epoll_wait(epoll, events, EVENTS, -1);
    long time = now();
    shortest = LONG_MAX;
    for (int i = 0; i < count; i++) {
        struct transfer *t = events[i].data.ptr;
        if (time - t->heard < shortest)
            shortest = time - t->heard;
        t->heard = time;
    }
    stream = count > 0 && count <= FEW && time - last <= (long)count * LEAST_NAP;
    if (count > 0)
        last = time;
    return count;
}

static void run(int in_flight, long nap)
{
    struct transfer *transfers = calloc(in_flight, sizeof *transfers);
    struct epoll_event events[EVENTS];
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < in_flight && started < wanted; i++) {
        dial(&transfers[i]);
        transfers[i].heard = now();
    }
    while (ended < wanted) {
        int count = nap > 0 ? gather(events, nap) : epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            on_readable(events[i].data.ptr, events[i].events & (EPOLLRDHUP | EPOLLHUP));
    }
}

static void run_big(void)
{
    struct transfer t = { .fd = socket(AF_INET, SOCK_STREAM, 0) };
    if (connect(t.fd, (struct sockaddr *)&server, sizeof server) < 0)
        fail("connect");
    for (; ended < wanted; ended++) {
        char request[512];
        int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", prefix);
        if (send(t.fd, request, length, MSG_NOSIGNAL) != length)
            fail("send");
        t.left = -1;
        t.head_length = 0;
        for (long received = 1; received > 0;) {
            received = recv(t.fd, buffer, BUFFER, 0);
            if (received <= 0)
                fail("recv");
            if (take(&t, buffer, received))
                break;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 6 && argc != 7)
        return fprintf(stderr, "usage: floor keep|churn|big PORT COUNT IN_FLIGHT PREFIX [NAP]\n"), 2;
    server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    wanted = atol(argv[3]);
    prefix = argv[5];
    churn = strcmp(argv[1], "churn") == 0;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (strcmp(argv[1], "big") == 0)
        run_big();
    else
        run(atoi(argv[4]), argc == 7 ? atol(argv[6]) * 1000 : 0);
    printf("%ld %ld\n", ended, bytes);
    return 0;
}
