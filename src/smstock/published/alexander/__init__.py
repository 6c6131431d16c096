"""Survey and audiences by age over time: Alexander, Polimis and Zagheni 2020.

PRPR 41:1-28, doi 10.1007/s11113-020-09599-3; public code: MJAlexander/fb-migration-bayes.
One origin and sex at a time; x are ages, s destinations (states), t years.

Stage 1, `bias`: the survey's share of migrants on the audience's share of all users::

    log p_survey_xs ~ N(b0 + b1 log p_audience_xs + a_x + d_s, se_xs^2 + 1/tau),    tau ~ Gamma(0.01, 0.01)

Stage 2: ``exp`` of the fitted mean turns any audience into a share, with the posterior means put in.

Stage 3, `schedules`: the right singular vectors Y1, Y2 of log shares, a row a destination and year, a column an age.

Stage 4, `series`: both sources pooled over time::

    log mu_xts = k_ts Y1_x + (m_t + e_s) Y2_x + f_xts
    survey     log p_i  ~ N(log mu, se_i^2)
    audience   log p^_i ~ N(log mu, 1/tau + sigma_audience^2 + max se(s)^2)

with a random walk k_ts of each destination, one random walk m_t, and autoregressive departures f_xts.

As published: the equations, the priors of the variances, the plug-in of stage 1, the largest sampling error of a
destination as that of its audiences. Not as published: nothing is sampled. Stage 1 is summed over tau, which is exact.
Stage 4 is exact given its six scales, and these stand at their posterior mode, so that its intervals leave out what is
not known of them. One persistence and one size of the departures serve all ages and destinations, where the paper has a
persistence for each age of each destination and a size for each destination.
"""
