-- More than half of what it takes to file a call was planning: of an array of calls the planner thinks that it is worth to
-- plan for each one anew. It finds them by the same indexes each time.
alter function pbx.file_calls(text[]) set plan_cache_mode = force_generic_plan;
