/* app.c - libcore from C, with no Python on the machine.
 *
 *     cc app.c $(pkg-config --cflags --libs core) -o app && ./app
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

#include <core/core.h>

static void check(enum core_status status)
{
    if (status != CORE_OK) {
        fprintf(stderr, "libcore: %s\n", core_error_message(status));
        exit(1);
    }
}

static enum core_status square(double x, double *y, void *user)
{
    (void)user;
    *y = x * x;
    return CORE_OK;
}

static void print_from_a_thread(void *user)
{
    printf("timer: %s\n", (const char *)user);
}

int main(void)
{
    check(core_say_hello());

    uint64_t factorial;
    check(core_fact(20, &factorial));
    printf("20! = %" PRIu64 "\n", factorial);
    if (core_fact(21, &factorial) == CORE_OVERFLOW)
        printf("21! : %s\n", core_error_message(CORE_OVERFLOW));

    const int64_t coef[] = {1, 1}, vals[] = {2, 1};
    core_lucas *lucas;
    check(core_lucas_new(coef, 2, vals, 2, &lucas));
    printf("Lucas:");
    for (int i = 0; i < 10; i++) {
        int64_t term;
        check(core_lucas_next(lucas, &term));
        printf(" %" PRId64, term);
    }
    printf("\n");
    core_lucas_free(lucas);

    core_date date = {2018, 2, 20};
    check(core_seconds_before(date, 1000000, &date));
    printf("10^6 s before 2018-02-20: %04d-%02d-%02d\n", (int)date.year, date.month, date.day);

    core_point p = {1, 1}, q = {0, 2};
    printf("distance: %.16g\n", (double)core_point_dist(&p, &q));

    char *sum;
    check(core_sum_as_string(9000, 1, &sum));
    printf("9000 + 1 = %s\n", sum);
    core_free(sum);

    double integral;
    check(core_integrate(square, NULL, 0, 3, 10, &integral));
    printf("integral of x^2 from 0 to 3: %g\n", integral);

    core_timer *timer;
    check(core_timer_new(0.01, print_from_a_thread, "ding", &timer));
    while (!core_timer_fired(timer))
        thrd_sleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    core_timer_free(timer); /* waits for the callback */
    return 0;
}
