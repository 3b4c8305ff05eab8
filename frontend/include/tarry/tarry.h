#pragma once
/// All of tarry.

#include <tarry/numpy.h>
