/* An origin for measuring latency: answers each request with 600 bytes, as many microseconds after it came as its path begins with (/1000/n). One epoll loop.
 *
 *   delay PORT      loopback only
 *
 * All requests that wait at a time have to ask for the same delay, since they are answered in the order in which they came. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, WAITING = 1 << 16, REQUEST = 4096, BODY = 600 };

static struct { int fd; long due; } waiting[WAITING];
static unsigned first, last;    /* of those that wait; they are taken modulo WAITING */
static char answer[BODY + 200];
static int length;

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void on_readable(int fd)
{
    char request[REQUEST + 1];
    long received = recv(fd, request, REQUEST, MSG_DONTWAIT);
    if (received <= 0) {
        close(fd);
        return;
    }
    request[received] = 0;
    long delay = strtol(request + strlen("GET /"), NULL, 10) * 1000;
    if (delay == 0) {
        send(fd, answer, length, MSG_NOSIGNAL);
    } else {
        waiting[last % WAITING].fd = fd;
        waiting[last++ % WAITING].due = now() + delay;
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return fprintf(stderr, "usage: delay PORT\n"), 2;
    length = sprintf(answer, "HTTP/1.1 200 OK\r\nServer: delay\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%0*d", BODY, BODY, 0);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1);

    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 4096) < 0)
        return perror("listen"), 1;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){ .events = EPOLLIN, .data.fd = listener });
    for (;;) {
        struct epoll_event events[EVENTS];
        long left = first == last ? 0 : waiting[first % WAITING].due - now();
        struct timespec timeout = { .tv_nsec = left > 0 ? left % 1000000000 : 0, .tv_sec = left > 0 ? left / 1000000000 : 0 };
        int count = epoll_pwait2(epoll, events, EVENTS, first == last ? NULL : &timeout, NULL);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd != listener) {
                on_readable(events[i].data.fd);
                continue;
            }
            int fd = accept(listener, NULL, NULL);
            epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN, .data.fd = fd });
        }
        for (; first != last && waiting[first % WAITING].due <= now(); first++)
            send(waiting[first % WAITING].fd, answer, length, MSG_NOSIGNAL);
    }
}
