/* variables.c - global variables of every kind, for tests/test_variables.py. */
#include <stddef.h>
#include <stdint.h>

int va_counter = 5;
const int va_limit = 100;
uint8_t va_small = 7;
double va_ratio = 0.5;
_Bool va_enabled = 1;
char va_letter = 'x';
const char *va_name = "name";
const char *va_no_name = NULL;
char va_title[16] = "title";
uint8_t va_raw[4] = {1, 2, 3, 255};
const uint8_t va_const_raw[2] = {9, 8};
int32_t va_numbers[4] = {1, 2, 3, 4};
double va_matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
const int16_t va_table[3] = {10, 20, 30};
const char *const va_days[3] = {"Mon", "Tue", "Wed"};

enum va_color { VA_RED, VA_GREEN };
enum va_color va_paint = VA_GREEN;

struct va_point {
    int32_t x, y;
};
struct va_point va_origin = {1, 2};
const struct va_point va_fixed = {3, 4};
struct va_point va_corners[2] = {{1, 1}, {2, 2}};
const struct va_point va_const_corners[2] = {{5, 6}, {7, 8}};
struct va_point *va_current = &va_origin;
struct va_day {
    int32_t year;
    uint8_t month, day;
};
struct va_day va_today = {2018, 2, 20};
struct va_named {
    const char *text;
    int n;
};
struct va_named va_labelled = {"label", 3};
struct va_box {
    int value;
};
static struct va_box the_box = {42};
struct va_box *va_box_pointer = &the_box;
void *va_address = &the_box;
int va_locked = 3;
int va_depth = 1;

int va_read_counter(void)
{
    return va_counter;
}
int va_read_depth(void)
{
    return va_depth;
}
int va_read_number(int i)
{
    return va_numbers[i];
}
int va_read_origin(void)
{
    return va_origin.x * 100 + va_origin.y;
}
int va_box_value(const struct va_box *box)
{
    return box->value;
}
void va_count(void)
{
    va_counter++;
}
