#pragma once
/// All of tarry.

#include <tarry/autodiff.h>
#include <tarry/fmt.h>
#include <tarry/insight.h>
#include <tarry/numpy.h>
