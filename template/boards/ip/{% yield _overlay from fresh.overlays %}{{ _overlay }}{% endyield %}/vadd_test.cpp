// Test bench of vadd: `make test` compiles it with the kernel and runs it. Status 0 means right.

#include <cstdio>

extern "C" void vadd(const int *a, const int *b, int *c, int n);

int main() {
  const int size = 1024;
  const int untouched = -12345;
  const int lengths[] = {0, 1, 17, size};
  static int a[size], b[size], c[size];
  for (int n : lengths) {
    for (int i = 0; i < size; i++) {
      a[i] = 3 * i - 7;
      b[i] = 1000 - i * i;
      c[i] = untouched;
    }
    vadd(a, b, c, n);
    for (int i = 0; i < size; i++) {
      const int expected = i < n ? a[i] + b[i] : untouched;
      if (c[i] != expected) {
        std::printf("n = %d: c[%d] is %d, expected %d\n", n, i, c[i], expected);
        return 1;
      }
    }
  }
  return 0;
}
