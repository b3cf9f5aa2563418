// c[i] = a[i] + b[i] for i in [0, n).
//
// The vectors lie in memory that the kernel reaches through AXI masters; their addresses and n lie in
// its registers. Replace it by your own kernel: as plain C++ it compiles with any compiler, which is
// how vadd_test.cpp checks it.

extern "C" void vadd(const int *a, const int *b, int *c, int n) {
#pragma HLS INTERFACE m_axi port = a offset = slave bundle = gmem0
#pragma HLS INTERFACE m_axi port = b offset = slave bundle = gmem1
#pragma HLS INTERFACE m_axi port = c offset = slave bundle = gmem0
#pragma HLS INTERFACE s_axilite port = a
#pragma HLS INTERFACE s_axilite port = b
#pragma HLS INTERFACE s_axilite port = c
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
  for (int i = 0; i < n; i++) {
#pragma HLS PIPELINE II = 1
    c[i] = a[i] + b[i];
  }
}
