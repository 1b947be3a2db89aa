-- One row per sheet that brought a version of a key which a batch touches that is not published yet.
select distinct versions.file_id
from {{ named(ref('stg_trustee_performance'), 'versions') }}
inner join {{ named(ref('int_touched_keys'), 'touched') }}
    on
        versions.report_date = touched.report_date
        and versions.plan_code = touched.plan_code
        and versions.company_code = touched.company_code
