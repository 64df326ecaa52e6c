#pragma once

/// What the actors send one another, a header for each that is asked: requests
/// are verb_noun, replies are the noun they yield.
#include "actors/requests/cache.hpp"
#include "actors/requests/cache_questions.hpp"
#include "actors/requests/engine.hpp"
#include "actors/requests/feedback.hpp"
#include "actors/requests/pages.hpp"
#include "actors/requests/provisioners.hpp"
#include "actors/requests/signer.hpp"
#include "actors/requests/statser.hpp"
