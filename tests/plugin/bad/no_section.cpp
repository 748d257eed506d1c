// A library that has nothing to do with prumux.
extern "C" __attribute__((visibility("default"))) int unrelated() { return 1; }
