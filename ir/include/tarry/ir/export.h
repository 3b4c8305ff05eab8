#pragma once
/// Marks what the shared library shows.
#define TARRY_API __attribute__((visibility("default")))
