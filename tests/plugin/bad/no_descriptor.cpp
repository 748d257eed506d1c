#include "fixture.h"

FIXTURE_FINGERPRINT;
