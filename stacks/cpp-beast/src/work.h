#pragma once

// The work behind /cpu, on whichever thread it is called.

#include <string>

std::string hash_chain(int n);
int primes_up_to(int n);
